//! Vendors, apps, versions, reviews, signing, transparency log and status lists.
