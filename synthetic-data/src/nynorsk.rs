//! Nynorsk for documents of municipalities that write it. Notes are composed in bokmål of a closed
//! vocabulary, so they can be rewritten phrase by phrase and word by word: what is said, and every number,
//! stays the same. What is spelled alike in both is not listed.

/// Rewrites a text from bokmål.
pub(crate) fn of(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if !first.is_alphabetic() {
            written.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
            continue;
        }
        if let Some((from, to)) = phrase(rest) {
            written.push_str(to);
            rest = rest.get(from.len()..).unwrap_or("");
            continue;
        }
        let end = rest
            .find(|letter: char| !is_of_word(letter))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        push(&mut written, word);
        rest = after;
    }
    written
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '-'
}

/// The phrase that the text begins with, where its last word ends.
fn phrase(text: &str) -> Option<(&'static str, &'static str)> {
    let first = text.as_bytes().first();
    let found = PHRASES.iter().find(|(from, _)| {
        // Most words begin no phrase, and are looked at no further.
        if from.as_bytes().first() != first {
            return false;
        }
        let after = text.strip_prefix(from);
        after.is_some_and(|after| !after.starts_with(is_of_word))
    });
    found.copied()
}

/// Adds a word as it is in nynorsk, with a capital where it had one.
fn push(written: &mut String, word: &str) {
    if let Some(same) = look_up(word) {
        written.push_str(same);
        return;
    }
    let mut letters = word.chars();
    let capital = letters.next().filter(|letter| letter.is_uppercase());
    let lower = capital.map(|letter| letter.to_lowercase().chain(letters).collect::<String>());
    let Some(found) = lower.as_deref().and_then(look_up) else {
        written.push_str(word);
        return;
    };
    let mut letters = found.chars();
    written.extend(letters.next().into_iter().flat_map(char::to_uppercase));
    written.extend(letters);
}

fn look_up(word: &str) -> Option<&'static str> {
    let place = WORDS.binary_search_by(|(from, _)| (*from).cmp(word)).ok()?;
    WORDS.get(place).map(|(_, to)| *to)
}

const PHRASES: [(&str, &str); 23] = [
    (
        "Hjemmetjenestens legemiddelliste",
        "Legemiddellista til heimetenesta",
    ),
    ("Svangerskapets lengde", "Lengda på svangerskapet"),
    ("Spiser mindre", "Mindre mat"),
    ("til stede", "til stades"),
    ("legges inn", "blir lagd inn"),
    ("Legges inn", "Blir lagd inn"),
    ("Skrives ut", "Blir skriven ut"),
    ("Følges videre", "Blir følgd vidare"),
    ("Følges opp", "Blir følgd opp"),
    ("tas opp", "blir teken opp"),
    ("sendes fastlege", "blir send til fastlege"),
    ("om en uke", "om ei veke"),
    ("en måned", "ein månad"),
    ("nås på telefon", "kan nåast på telefon"),
    ("En vaksine er gitt", "Ein vaksine er gitt"),
    ("Vaksiner er gitt", "Vaksinar er gitt"),
    ("Tilheler langsomt", "Gror langsamt"),
    ("Observeres og vurderes", "Blir observert og vurdert"),
    ("en gang i uken", "ein gong i veka"),
    ("hver tredje uke", "kvar tredje veke"),
    ("Starter", "Startar med"),
    ("er gjort", "er gjord"),
    ("legges", "blir lagd"),
];

/// By the bokmål word.
#[rustfmt::skip]
const WORDS: [(&str, &str); 291] = [
    ("aktiviteter", "aktivitetar"), ("alene", "åleine"), ("alkoholavhengighet", "alkoholavhengigheit"),
    ("ammer", "ammar"), ("angstlidelse", "angstliding"), ("annenhver", "annankvar"), ("annet", "anna"),
    ("avlastning", "avlasting"), ("avslutter", "avsluttar"), ("avtalene", "avtalane"), ("avviker", "avvik"),
    ("bare", "berre"), ("bedre", "betre"), ("begynnende", "byrjande"), ("begynte", "byrja"),
    ("behandlingen", "behandlinga"), ("bekreftes", "blir stadfesta"), ("bekreftet", "stadfesta"),
    ("bekymret", "uroa"), ("belastning", "belasting"), ("ben", "bein"), ("benskjørhet", "beinskjørheit"),
    ("beruselse", "rus"), ("betennelsesdempende", "betennelsesdempande"), ("bevissthet", "medvit"),
    ("bihulebetennelse", "biholebetennelse"), ("bilde", "bilete"), ("bildepunkter", "bildepunkt"),
    ("blandet", "blanda"), ("ble", "vart"), ("blodfortynnende", "blodfortynnande"), ("bo", "bu"), ("bolig", "bustad"),
    ("bor", "bur"), ("bredde", "breidd"), ("brudd", "brot"), ("brystkassen", "brystkassa"), ("bytter", "byter"),
    ("dager", "dagar"), ("daglig", "dagleg"), ("datter", "dotter"), ("de", "dei"), ("deler", "delar"),
    ("deltar", "deltek"), ("dem", "dei"), ("dråpe", "drope"), ("dybde", "djupn"), ("dyrkning", "dyrking"),
    ("dårlig", "dårleg"), ("døsighet", "døsigheit"), ("edinburgh-spørsmålene", "edinburgh-spørsmåla"),
    ("egen", "eigen"), ("eget", "eige"), ("en", "ein"), ("engstelse", "uro"), ("et", "eit"), ("ett", "eitt"),
    ("faller", "fell"), ("falt", "fall"), ("flere", "fleire"), ("forebyggende", "førebyggjande"),
    ("forhøyet", "forhøgd"), ("forkjølelse", "forkjøling"), ("fornyer", "fornyar"), ("forstoppelse", "forstopping"),
    ("forstørret", "forstørra"), ("fortsetter", "held fram"), ("forvirret", "forvirra"), ("fra", "frå"),
    ("frarås", "blir frårådd"), ("funnet", "funnen"), ("følges", "følgjast"), ("følsom", "følsam"), ("gang", "gong"),
    ("ganger", "gonger"), ("gir", "gjev"), ("gjenstår", "står att"), ("gjøre", "gjere"), ("grønn", "grøn"),
    ("ham", "han"), ("hele", "heile"), ("helgen", "helga"), ("helsetjeneste", "helseteneste"),
    ("helsetjenester", "helsetenester"), ("henter", "hentar"), ("henvises", "blir vist til"), ("herfra", "herifrå"),
    ("hjem", "heim"), ("hjemme", "heime"), ("hjemmebesøk", "heimebesøk"), ("hjemmesykepleie", "heimesjukepleie"),
    ("hjemmesykepleien", "heimesjukepleia"), ("hjemmet", "heimen"), ("hjemmetjeneste", "heimeteneste"),
    ("hjemmetjenesten", "heimetenesta"), ("hjernerystelse", "hjernerysting"),
    ("hjerte-lunge-redning", "hjarte-lunge-redning"), ("hjerteinfarkt", "hjarteinfarkt"),
    ("hjertesvikt", "hjartesvikt"), ("hjertesykdom", "hjartesjukdom"), ("hodebunnen", "hovudbotnen"),
    ("hodepine", "hovudpine"), ("hoften", "hofta"), ("holder", "held"), ("hun", "ho"), ("hunder", "hundar"),
    ("huske", "hugse"), ("hva", "kva"), ("hvem", "kven"), ("hver", "kvar"), ("hverdag", "kvardag"),
    ("hverdagen", "kvardagen"), ("hvert", "kvart"), ("hvile", "kvile"), ("hvor", "kvar"), ("hånd", "hand"),
    ("håndbak", "handbak"), ("høyde", "høgde"), ("høyre", "høgre"), ("høyt", "høgt"), ("ikke", "ikkje"),
    ("inhalasjoner", "inhalasjonar"), ("innlagt", "innlagd"), ("innleggelse", "innlegging"), ("jeg", "eg"),
    ("kartlegges", "blir kartlagde"), ("kommer", "kjem"), ("kontakter", "kontaktar"),
    ("kontrolleres", "blir kontrollert"), ("korsbenet", "korsbeinet"), ("korttidsopphold", "korttidsopphald"),
    ("kurven", "kurva"), ("laget", "laga"), ("langsomt", "langsamt"), ("langtidsopphold", "langtidsopphald"),
    ("lavt", "lågt"), ("legemidler", "legemiddel"), ("lengde", "lengd"), ("leses", "lesast"),
    ("leukocytter", "leukocyttar"), ("lidelse", "liding"), ("lindres", "lindrast"),
    ("luftveisinfeksjon", "luftvegsinfeksjon"), ("lukkes", "lukke seg"), ("lukket", "lukka"), ("lå", "låg"),
    ("lårbenet", "lårbeinet"), ("mandag", "måndag"), ("mandlene", "mandlane"),
    ("mellomørebetennelse", "mellomøyrebetennelse"), ("mer", "meir"), ("meslinger", "meslingar"),
    ("mestre", "meistre"), ("mestrer", "meistrar"), ("morgen", "morgon"), ("mulig", "mogleg"), ("mye", "mykje"),
    ("måltider", "måltid"), ("måneder", "månader"), ("nedsatt", "nedsett"), ("nedstemthet", "nedstemtheit"),
    ("noe", "noko"), ("noen", "nokre"), ("nå", "no"), ("nærmeste", "næraste"), ("observeres", "blir observert"),
    ("også", "òg"), ("omgangssyke", "omgangssjuke"), ("opphold", "opphald"), ("opplest", "opplesen"),
    ("oppringt", "oppringd"), ("orienteres", "blir orientert"), ("penicilliner", "penicillin"),
    ("personlighetsforstyrrelse", "personlegdomsforstyrring"), ("planlagte", "planlagde"),
    ("pustebesvær", "pustevanskar"), ("pårørende", "pårørande"), ("retter", "rettar"), ("rettes", "blir retta"),
    ("rikelig", "rikeleg"), ("ringer", "ringjer"), ("rusmiddelavhengighet", "rusmiddelavhengigheit"),
    ("rusproblemer", "rusproblem"), ("rød", "raud"), ("røde", "raude"), ("rødme", "raudfarge"),
    ("saksbehandler", "saksbehandlar"), ("sammen", "saman"), ("sammendrag", "samandrag"), ("samtaler", "samtalar"),
    ("sannsynlig", "sannsynleg"), ("satt", "sett"), ("selvmordsforsøk", "sjølvmordsforsøk"),
    ("selvskading", "sjølvskading"), ("sendt", "send"), ("sengen", "senga"), ("setter", "set"), ("siden", "sidan"),
    ("sitteben", "sitjebein"), ("sjeldnere", "sjeldnare"), ("skritt", "steg"), ("skrives", "skrivast"),
    ("skulderen", "skuldra"), ("slapphet", "slappleik"), ("smøres", "smørjast"), ("snakker", "snakkar"),
    ("sover", "søv"), ("sparsom", "sparsam"), ("spise", "ete"), ("spiserøret", "spiserøyret"), ("spist", "ete"),
    ("starter", "startar"), ("steder", "stader"), ("stelles", "blir stelt"), ("stengt", "stengd"),
    ("stoppes", "blir stoppa"), ("svangerskapsoppfølgingen", "svangerskapsoppfølginga"), ("svelge", "svelgje"),
    ("svimmelhet", "svimmelheit"), ("sykdom", "sjukdom"), ("sykehjem", "sjukeheim"), ("sykehus", "sjukehus"),
    ("sykehuset", "sjukehuset"), ("sykehusopphold", "sjukehusopphald"), ("sykepleier", "sjukepleiar"),
    ("sykmeldes", "blir sjukmeld"), ("sykmelding", "sjukmelding"), ("symptomer", "symptom"),
    ("sårbehandlingen", "sårbehandlinga"), ("sårbilde", "sårbilete"), ("sønn", "son"),
    ("søvnforstyrrelse", "søvnforstyrring"), ("søvnvansker", "søvnvanskar"), ("tabletter", "tablettar"),
    ("tanker", "tankar"), ("tar", "tek"), ("tegn", "teikn"), ("tegnet", "teikna"), ("tetrasykliner", "tetrasyklin"),
    ("tidsbegrenset", "tidsavgrensa"), ("tilheler", "gror"), ("tiltakene", "tiltaka"), ("timer", "timar"),
    ("tjeneste", "teneste"), ("trener", "trenar"), ("trenger", "treng"), ("triglyserider", "triglyserid"),
    ("trives", "trivst"), ("trygghet", "tryggleik"), ("tykktarm", "tjukktarm"), ("uke", "veke"), ("uken", "veka"),
    ("uker", "veker"), ("ukesoppsummering", "vekeoppsummering"), ("undersøkelse", "undersøking"),
    ("urinveisinfeksjon", "urinvegsinfeksjon"), ("utbredte", "utbreidde"), ("uten", "utan"), ("utsatt", "utsett"),
    ("vaksiner", "vaksinar"), ("vanlig", "vanleg"), ("vannlating", "vasslating"), ("vansker", "vanskar"),
    ("varsles", "blir varsla"), ("varslet", "varsla"), ("veid", "vegen"), ("veiledet", "rettleidd"),
    ("veiledning", "rettleiing"), ("vekslende", "vekslande"), ("velvære", "velvere"), ("ventet", "venta"),
    ("videre", "vidare"), ("virussykdom", "virussjukdom"), ("vold", "vald"), ("vurderes", "blir vurdert"),
    ("våken", "vaken"), ("være", "vere"), ("vært", "vore"), ("åpnet", "opna"), ("økes", "aukast"),
    ("ønsker", "ønskjer"), ("øregangen", "øyregangen"), ("øret", "øyret"), ("ørevoks", "øyrevoks"),
    ("øvelsene", "øvingane"), ("øvelser", "øvingar"), ("øyedråper", "augedropar"), ("øyekatarr", "augekatarr"),
    ("øyesalve", "augesalve"), ("øyet", "auget"), ("øynene", "auga"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order_and_each_changes() {
        assert!(WORDS.is_sorted_by(|one, other| one.0 < other.0));
        assert!(WORDS.iter().all(|(from, to)| from != to));
        // A word that is changed to is not one that is changed.
        let ends = |to: &str| to.split(' ').all(|word| look_up(word).is_none());
        assert!(WORDS.iter().all(|(_, to)| ends(to)));
    }

    #[test]
    fn a_note_says_the_same() {
        for (bokmal, nynorsk) in [
            (
                "Hjem med råd. Kontakter fastlege ved behov.",
                "Heim med råd. Kontaktar fastlege ved behov.",
            ),
            (
                "Ukesoppsummering: 14 planlagte besøk. Ingen endring.",
                "Vekeoppsummering: 14 planlagde besøk. Ingen endring.",
            ),
            ("BT 145/90; Vekt 80,5 kg", "BT 145/90; Vekt 80,5 kg"),
            ("", ""),
            ("Ikke ENKE", "Ikkje ENKE"),
        ] {
            assert_eq!(of(bokmal), nynorsk);
        }
    }
}
