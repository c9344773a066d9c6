//! Which municipalities have decided for nynorsk (språkvedtak). Those that are neutral, or whose decision is not
//! known here, write bokmål. Held against Språkrådet's overview (decisions in force from 1 January 2022, by county):
//! Buskerud 3, Innlandet 7, Telemark 8, Vestland 41 and Møre og Romsdal 15 agree; one of Rogaland's nine and two
//! of Agder's six are missing here, for want of a source that names them.

use super::Municipality;

/// All of this county write nynorsk but these.
const COUNTY: &str = "46";
const NOT: [&str; 2] = ["4601", "4627"];
/// In other counties.
const NYNORSK: [&str; 45] = [
    "1114", "1120", "1121", "1133", "1134", "1135", "1145", "1160", "1511", "1514", "1515", "1516",
    "1517", "1520", "1525", "1528", "1531", "1532", "1535", "1566", "1577", "1578", "1580", "3324",
    "3326", "3328", "3432", "3433", "3434", "3435", "3452", "3453", "3454", "4020", "4022", "4024",
    "4028", "4030", "4032", "4034", "4036", "4220", "4221", "4222", "4224",
];

impl Municipality {
    /// True where the municipality writes nynorsk.
    pub fn writes_nynorsk(&self) -> bool {
        let western = self.code.starts_with(COUNTY) && !NOT.contains(&self.code);
        western || NYNORSK.contains(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_the_88_write_nynorsk_and_every_code_is_known() {
        let all = Municipality::all().iter();
        assert_eq!(all.filter(|one| one.writes_nynorsk()).count(), 86);
        assert!(NYNORSK.is_sorted());
        let known = |code: &&str| Municipality::by_code(code).is_some();
        assert!(NYNORSK.iter().chain(&NOT).all(known));
    }
}
