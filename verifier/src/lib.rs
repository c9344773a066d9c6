//! Offline verification of app approvals: no async, no database, no network, no clock.
