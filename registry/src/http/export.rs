//! The catalogue as files: CSV (RFC 4180) for spreadsheets, newline-delimited JSON for programs.

use crate::domain::catalogue::Listing;
use foundation::Timestamp;

/// A header row and a row for each listing.
pub(super) fn csv(listings: &[Listing]) -> Vec<u8> {
    let mut text = String::new();
    row(&mut text, &COLUMNS.map(str::to_owned));
    for listing in listings {
        row(&mut text, &cells(listing));
    }
    text.into_bytes()
}

fn cells(listing: &Listing) -> [String; 15] {
    let joined = |values: &std::collections::BTreeSet<String>| {
        values
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let time = |time: Option<Timestamp>| time.map(Timestamp::rfc3339).unwrap_or_default();
    [
        listing.software_id.clone(),
        listing.software_version.clone(),
        listing.status.as_str().to_owned(),
        listing.name.nb.clone(),
        listing.purpose.nb.clone(),
        listing.kind.as_str().to_owned(),
        joined(&listing.needs),
        joined(&listing.languages),
        listing.vendor.clone(),
        listing.vendor_name.clone(),
        listing.data_location.clone(),
        listing.scope.clone(),
        time(listing.approved_at),
        time(listing.expires_at),
        joined(&listing.fulfilled),
    ]
}

fn row(text: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(cell));
    }
    text.push_str("\r\n");
}

/// A cell, quoted where RFC 4180 asks for it. A spreadsheet would run what begins like a formula,
/// so such a cell begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// A JSON document on each line.
pub(super) fn ndjson(listings: &[Listing]) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    for listing in listings {
        serde_json::to_writer(&mut bytes, listing)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

const COLUMNS: [&str; 15] = [
    "software_id",
    "software_version",
    "status",
    "name",
    "purpose",
    "kind",
    "needs",
    "languages",
    "vendor",
    "vendor_name",
    "data_location",
    "scope",
    "approved_at",
    "expires_at",
    "fulfilled",
];

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        assert_eq!(quoted("Blå"), "Blå");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    }
}
