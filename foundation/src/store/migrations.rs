//! The schema of each engine, embedded in the binary. Same numbers, same names, same meaning.

use sqlx::migrate::Migrator;

pub(super) static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");
pub(super) static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_come_in_pairs() {
        let names = |migrator: &Migrator| {
            migrator
                .iter()
                .map(|migration| (migration.version, migration.description.to_string()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&POSTGRES), names(&SQLITE));
        assert!(!names(&SQLITE).is_empty());
    }
}
