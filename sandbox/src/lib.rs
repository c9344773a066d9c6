//! A make-believe EPJ: SMART authorization, HelseID simulator, FHIR R4, launch page.
