//! Invariants in Norwegian bokmål, for those that people meet. The others are shown in English, as the
//! specification words them.

/// What the rule of this key says.
pub(super) fn norwegian(key: &str) -> Option<&'static str> {
    let place = RULES.binary_search_by(|(own, _)| (*own).cmp(key)).ok()?;
    RULES.get(place).map(|(_, text)| *text)
}

/// Sorted by key.
const RULES: [(&str, &str); 41] = [
    (
        "ait-1",
        "clinicalStatus må være med, med mindre verificationStatus er entered-in-error.",
    ),
    (
        "ait-2",
        "clinicalStatus kan ikke være med når verificationStatus er entered-in-error.",
    ),
    ("app-1", "En deltaker må ha type eller actor."),
    ("app-2", "Oppgi både start og slutt, eller ingen av dem."),
    (
        "app-3",
        "Bare timer med status proposed, cancelled eller waitlist kan mangle start og slutt.",
    ),
    (
        "app-4",
        "Avlysningsgrunn brukes bare når timen er avlyst eller pasienten ikke møtte.",
    ),
    ("apr-1", "Oppgi participantType eller actor."),
    ("att-1", "Et vedlegg med data må ha contentType."),
    ("bdl-1", "total brukes bare i searchset og history."),
    ("bdl-10", "Et dokument må ha timestamp."),
    (
        "bdl-11",
        "Et dokument må ha en Composition som første ressurs.",
    ),
    (
        "bdl-12",
        "En melding må ha en MessageHeader som første ressurs.",
    ),
    ("bdl-2", "entry.search brukes bare i searchset."),
    (
        "bdl-3",
        "entry.request er påkrevd i batch, transaction og history, og ikke tillatt ellers.",
    ),
    (
        "bdl-4",
        "entry.response er påkrevd i batch-response, transaction-response og history, og ikke tillatt ellers.",
    ),
    (
        "bdl-5",
        "Hvert ledd må ha en ressurs, request eller response.",
    ),
    (
        "bdl-7",
        "fullUrl må være unik i Bundle, eller ha ulik meta.versionId.",
    ),
    ("bdl-8", "fullUrl kan ikke peke til én bestemt versjon."),
    ("bdl-9", "Et dokument må ha identifier med system og value."),
    (
        "cmp-1",
        "En seksjon må ha tekst, ledd eller underseksjoner.",
    ),
    ("cmp-2", "emptyReason brukes bare når seksjonen er tom."),
    (
        "con-3",
        "clinicalStatus bør være med for en tilstand på problemlisten.",
    ),
    (
        "con-4",
        "En tilstand som er over, må ha clinicalStatus inactive, resolved eller remission.",
    ),
    (
        "con-5",
        "clinicalStatus kan ikke være med når verificationStatus er entered-in-error.",
    ),
    ("cpl-3", "Oppgi detail eller reference, ikke begge."),
    ("cpt-2", "Oppgi system når value er oppgitt."),
    ("drt-1", "En varighet med kode må ha verdi og system UCUM."),
    ("imm-1", "Oppgi documentType eller reference."),
    ("obs-3", "Et referanseområde må ha low, high eller text."),
    (
        "obs-6",
        "dataAbsentReason brukes bare når value[x] mangler.",
    ),
    (
        "obs-7",
        "Når en component har samme kode som målingen, kan målingen ikke ha egen value[x].",
    ),
    ("org-1", "En organisasjon må ha navn eller identifikator."),
    (
        "org-2",
        "Adressen til en organisasjon kan ikke være en hjemmeadresse.",
    ),
    (
        "org-3",
        "Kontaktpunktet til en organisasjon kan ikke være privat (home).",
    ),
    (
        "pat-1",
        "En kontaktperson må ha navn, kontaktpunkt, adresse eller organisasjon.",
    ),
    ("qty-3", "Oppgi system når enheten har kode."),
    (
        "que-12",
        "Med flere enn én enableWhen må enableBehavior være med.",
    ),
    ("que-2", "Hver linkId kan bare brukes én gang i skjemaet."),
    (
        "rat-1",
        "Et forhold må ha både teller og nevner, eller ingen av dem.",
    ),
    ("rng-2", "low kan ikke være større enn high."),
    ("sqty-1", "comparator kan ikke brukes her."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_sorted() {
        assert!(RULES.is_sorted_by_key(|(key, _)| *key));
        assert!(norwegian("obs-6").is_some());
        assert_eq!(norwegian("xyz-1"), None);
    }
}
