//! What every room stands on: clock, ids, store, errors, access, blobs, jobs, telemetry.
