//! The names of code systems, identifier systems and profiles that are written.

pub(crate) const FNR: &str = "urn:oid:2.16.578.1.12.4.1.4.1";
pub(crate) const D_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.2";
/// no-basis wants this very word as the system of an H-number.
pub(crate) const H_NUMBER: &str = "HNR";
pub(crate) const FH_NUMBER: &str = "urn:oid:2.16.578.1.12.4.1.4.3";
/// The list of kinds of official person number, where an H-number's type is.
pub(crate) const PERSON_NUMBER_TYPE: &str = "urn:oid:2.16.578.1.12.4.1.1.8327";
pub(crate) const HPR: &str = "urn:oid:2.16.578.1.12.4.1.4.4";
pub(crate) const ENH: &str = "urn:oid:2.16.578.1.12.4.1.4.101";
pub(crate) const HER: &str = "urn:oid:2.16.578.1.12.4.1.2";

pub(crate) const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
pub(crate) const MEDIA_TYPE: &str = "http://terminology.hl7.org/CodeSystem/media-type";
pub(crate) const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
pub(crate) const ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
pub(crate) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub(crate) const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
pub(crate) const ORGANIZATION_TYPE: &str =
    "http://terminology.hl7.org/CodeSystem/organization-type";
pub(crate) const CONDITION_CLINICAL: &str =
    "http://terminology.hl7.org/CodeSystem/condition-clinical";
pub(crate) const CONDITION_VERIFICATION: &str =
    "http://terminology.hl7.org/CodeSystem/condition-ver-status";
pub(crate) const CONDITION_CATEGORY: &str =
    "http://terminology.hl7.org/CodeSystem/condition-category";
pub(crate) const ALLERGY_CLINICAL: &str =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
pub(crate) const ALLERGY_VERIFICATION: &str =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
pub(crate) const STATEMENT_CATEGORY: &str =
    "http://terminology.hl7.org/CodeSystem/medication-statement-category";
pub(crate) const FLAG_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/flag-category";
pub(crate) const OBSERVATION_CATEGORY: &str =
    "http://terminology.hl7.org/CodeSystem/observation-category";
pub(crate) const DATA_ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
pub(crate) const INTERPRETATION: &str =
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";

pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
pub(crate) const NLK: &str = "urn:oid:2.16.578.1.12.4.1.1.7280";
pub(crate) const ATC: &str = "http://www.whocc.no/atc";
/// ICPC-2 has two names in Norway: NAV and no-basis-MedicationStatement use the OID, the naming
/// system prefers the other. Both are written.
pub(crate) const ICPC2_OID: &str = "urn:oid:2.16.578.1.12.4.1.1.7170";
pub(crate) const ICPC2_SID: &str = "http://hl7.org/fhir/sid/icpc-2";

pub(crate) const CONTACT_TYPE: &str = "urn:oid:2.16.578.1.12.4.1.1.8432";
/// Kinds of municipal health and care service, as reported to IPLOS.
pub(crate) const SERVICE_KIND: &str = "urn:oid:2.16.578.1.12.4.1.1.9151";
pub(crate) const DOCUMENT_TYPE: &str = "urn:oid:2.16.578.1.12.4.1.1.9602";
pub(crate) const PERSONNEL_CATEGORY: &str = "urn:oid:2.16.578.1.12.4.1.1.9060";
pub(crate) const APPROVAL_TYPE: &str = "urn:oid:2.16.578.1.12.4.1.1.7704";
pub(crate) const ROLE: &str = "urn:oid:2.16.578.1.12.4.1.1.9034";
pub(crate) const MUNICIPALITY: &str =
    "https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle";

pub(crate) const NO_BASIS_PATIENT: &str = "http://hl7.no/fhir/StructureDefinition/no-basis-Patient";
pub(crate) const NO_BASIS_RELATED_PERSON: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-RelatedPerson";
pub(crate) const NO_BASIS_PRACTITIONER: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-Practitioner";
pub(crate) const NO_BASIS_ROLE: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-PractitionerRole";
pub(crate) const NO_BASIS_ORGANIZATION: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-Organization";
pub(crate) const NO_BASIS_DOCUMENT: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-DocumentReference";
pub(crate) const ADDRESS_OFFICIAL: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-address-official";
pub(crate) const MUNICIPALITY_CODE: &str =
    "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode";
