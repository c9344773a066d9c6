//! A synthetic Norwegian population as a pure function of version, seed and index.
