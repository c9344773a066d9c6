//! The published figures, each with its source, beside what was counted.

use super::figure::{GROUP_TARGETS, GROUPS, MEDICINES, PREVALENCE};
use super::row::{Row, Target, mean, share};
use super::tally::{AGES, Tally};

const SSB_GP: &str = "SSB, allmennlegetjenesten 2023";
const SSB_CARE: &str = "SSB, omsorgstjenester 2024";
const SSB_PEOPLE: &str = "SSB, befolkning 2024";
const BMC: &str = "BMC Med Res Methodol 12:143, tabell 3; aldersgrensene er antatt";
const FHI: &str = "FHI";
const DOK8: &str = "Dok. 8:91 S (2016-17)";
const FOG: &str = "Fog 2019, BMC Geriatr 19:49, tabell 2";

struct Rows<'a> {
    tally: &'a Tally,
    rows: Vec<Row>,
}

/// All rows.
pub(super) fn rows(tally: &Tally) -> Vec<Row> {
    let mut rows = Rows {
        tally,
        rows: Vec::new(),
    };
    rows.people();
    rows.consultations();
    rows.out_of_hours();
    rows.conditions();
    rows.work();
    rows.care();
    rows.medicines();
    rows.vaccines();
    rows.rows
}

impl Rows<'_> {
    fn share(
        &mut self,
        group: &'static str,
        name: impl Into<String>,
        key: &str,
        target: Target,
        source: &'static str,
    ) {
        let part = self.tally.parts.get(key).copied().unwrap_or_default();
        let (value, interval) = share(part.part, part.all);
        self.rows.push(Row {
            group,
            name: name.into(),
            target,
            source,
            value,
            interval,
            count: part.all,
            unit: "%",
        });
    }

    fn mean(
        &mut self,
        group: &'static str,
        name: impl Into<String>,
        key: &str,
        figure: (f64, &'static str),
        source: &'static str,
    ) {
        let sums = self.tally.sums.get(key).copied().unwrap_or_default();
        let (value, interval) = mean(sums.sum, sums.squares, sums.people);
        let (target, unit) = figure;
        self.rows.push(Row {
            group,
            name: name.into(),
            target: Target::Value(target),
            source,
            value,
            interval,
            count: sums.people,
            unit,
        });
    }

    fn people(&mut self) {
        let group = "Befolkning";
        let up_to = [5.9, 17.4, 22.1, 34.5, 61.4, 82.8, 95.2, 99.0];
        for (band, target) in AGES.iter().zip(up_to) {
            let (name, key) = (format!("Til og med {band} år"), format!("age {band}"));
            self.share(group, name, &key, Target::Value(target), SSB_PEOPLE);
        }
        self.share(group, "Kvinner", "women", Target::Value(49.6), SSB_PEOPLE);
        self.share(
            group,
            "Døde siste år",
            "dead",
            Target::Value(0.81),
            SSB_PEOPLE,
        );
        self.share(
            group,
            "Født siste år",
            "born",
            Target::Value(0.94),
            SSB_PEOPLE,
        );
    }

    fn consultations(&mut self) {
        let group = "Fastlege";
        let a_year = "i året";
        self.mean(group, "Konsultasjoner, alle", "gp", (3.0, a_year), SSB_GP);
        self.mean(
            group,
            "Konsultasjoner, kvinner",
            "gp female",
            (3.6, a_year),
            SSB_GP,
        );
        self.mean(
            group,
            "Konsultasjoner, menn",
            "gp male",
            (2.4, a_year),
            SSB_GP,
        );
        let rates = [1.9, 1.4, 2.4, 2.6, 3.2, 3.5, 3.9, 4.8, 3.5];
        let shares = [66.0, 58.0, 73.0, 66.0, 70.0, 76.0, 84.0, 85.0, 66.0];
        for ((band, rate), some) in AGES.iter().zip(rates).zip(shares) {
            let key = format!("gp {band}");
            let name = format!("Konsultasjoner, til og med {band} år");
            self.mean(group, name, &key, (rate, a_year), SSB_GP);
            let sums = self.tally.sums.get(&key).copied().unwrap_or_default();
            let (value, interval) = share(sums.some, sums.people);
            self.rows.push(Row {
                group,
                name: format!("Minst en konsultasjon, til og med {band} år"),
                target: Target::Value(some),
                source: SSB_GP,
                value,
                interval,
                count: sums.people,
                unit: "%",
            });
        }
        self.share(
            group,
            "Uten fremmøte",
            "digital",
            Target::Value(21.3),
            SSB_GP,
        );
        for ((name, _), target) in GROUPS.iter().zip(GROUP_TARGETS) {
            let key = format!("group {name}");
            self.share(
                "Diagnoser hos fastlege",
                *name,
                &key,
                Target::Value(target),
                SSB_GP,
            );
        }
        let between = Target::Between(25.0, 35.0);
        let own = "Kjent trekk; bredden er anslått";
        self.share(
            group,
            "Blodtrykk som ender på 0 eller 5",
            "digit preference",
            between,
            own,
        );
    }

    fn out_of_hours(&mut self) {
        let (group, source) = ("Legevakt", "SSB, legevakt 2023");
        let a_year = "i året";
        self.mean(
            group,
            "Kontakter, alle",
            "out of hours",
            (0.23, a_year),
            source,
        );
        self.mean(
            group,
            "Kontakter, 0-5 år",
            "out of hours 5",
            (0.45, a_year),
            source,
        );
        self.mean(
            group,
            "Kontakter, 90 år og mer",
            "out of hours 130",
            (0.38, a_year),
            source,
        );
        for (name, key, target) in [
            ("Minst en kontakt, alle", "out of hours", 16.0),
            ("Minst en kontakt, 0-5 år", "out of hours 5", 30.0),
        ] {
            let sums = self.tally.sums.get(key).copied().unwrap_or_default();
            let (value, interval) = share(sums.some, sums.people);
            self.rows.push(Row {
                group,
                name: name.to_owned(),
                target: Target::Value(target),
                source,
                value,
                interval,
                count: sums.people,
                unit: "%",
            });
        }
    }

    fn conditions(&mut self) {
        let group = "Sykdommer";
        self.share(group, "Diabetes", "diabetes", Target::Value(5.0), FHI);
        let many = Target::Between(10.0, 100.0);
        self.share(group, "Diabetes, 80 år og mer", "diabetes 80", many, FHI);
        let lungs = Target::Between(6.0, 7.0);
        self.share(group, "KOLS, over 40 år", "copd 40", lungs, FHI);
        let source = "Nasjonal forekomststudie 2020";
        self.share(
            group,
            "Demens, 70 år og mer",
            "dementia 70",
            Target::Value(14.6),
            source,
        );
        let two = "Anslag; lav sikkerhet";
        let name = "To eller flere varige sykdommer, 65 år og mer";
        self.share(
            group,
            name,
            "multimorbid 65",
            Target::Between(55.0, 65.0),
            two,
        );
        for (code, sexes) in PREVALENCE {
            for ((sex, word), figures) in
                [("male", "menn"), ("female", "kvinner")].iter().zip(sexes)
            {
                for (age, target) in [30, 42, 60, 75].iter().zip(figures) {
                    let name = format!("{code}, {word} på om lag {age} år");
                    let key = format!("{code} {sex} {age}");
                    self.share(group, name, &key, Target::Value(target), BMC);
                }
            }
        }
    }

    fn work(&mut self) {
        let group = "Sykmelding av dem som er i arbeid";
        let all = Target::Value(5.6);
        self.share(group, "Sykmeldt i dag", "certified", all, "NAV og SSB 2023");
        let gjesdal = "Gjesdal 2018";
        for (name, key, target, source) in [
            (
                "Ved plager i muskler og skjelett",
                "certified L",
                27.6,
                gjesdal,
            ),
            (
                "Det samme, over 16 dager",
                "certified L long",
                10.2,
                gjesdal,
            ),
        ] {
            self.share(group, name, key, Target::Value(target), source);
        }
        let name = "Ved luftveisinfeksjon";
        self.share(
            group,
            name,
            "certified R",
            Target::Value(31.9),
            "Larsen 2022",
        );
    }

    fn care(&mut self) {
        let group = "Omsorg og sår";
        let users = Target::Value(3.1);
        self.share(
            group,
            "Helsetjenester i hjemmet",
            "home care",
            users,
            SSB_CARE,
        );
        let old = "Helsetjenester i hjemmet, 80 år og mer";
        self.share(group, old, "home care 80", Target::Value(25.9), SSB_CARE);
        let women = Target::Value(60.0);
        self.share(
            group,
            "Kvinner blant brukerne",
            "home care women",
            women,
            "SSB 2016/26",
        );
        let home = Target::Value(0.56);
        self.share(group, "Langtidsopphold", "nursing home", home, SSB_CARE);
        let short = Target::Value(0.18);
        self.share(group, "Korttidsopphold", "short stay", short, SSB_CARE);
        let name = "Kvinner på sykehjem";
        self.share(
            group,
            name,
            "nursing home women",
            Target::Value(74.2),
            "Fog 2020",
        );
        let name = "Alder på sykehjem";
        self.mean(group, name, "nursing home age", (85.9, "år"), "Fog 2020");
        self.share(
            group,
            "Åpent kronisk sår",
            "wound",
            Target::Value(0.27),
            DOK8,
        );
        self.mean(group, "Alder med sår", "wound age", (75.0, "år"), DOK8);
        self.share(
            group,
            "Venøse sår blant sårene",
            "venous",
            Target::Value(50.0),
            DOK8,
        );
        let name = "Venøse sår åpne etter 24 uker";
        let open = Target::Between(20.0, 30.0);
        self.share(
            group,
            name,
            "venous open at 24 weeks",
            open,
            "Klinisk erfaring; anslag",
        );
    }

    fn medicines(&mut self) {
        for (name, _, target) in MEDICINES {
            let key = format!("drug {name}");
            let group = "Legemidler, 70 år og mer hjemme";
            self.share(group, name, &key, Target::Value(target), FOG);
        }
    }

    fn vaccines(&mut self) {
        let (group, source) = ("Vaksiner", "FHI, dekning; middels sikkerhet");
        for (name, key, target) in [
            ("Seks i en, tre doser ved 2 år", "six at 2", 97.0),
            ("MMR ved 2 år", "mmr at 2", 96.5),
            ("MMR, to doser ved 16 år", "mmr at 16", 95.0),
            ("HPV, jenter ved 16 år", "hpv at 16", 92.0),
        ] {
            self.share(group, name, key, Target::Value(target), source);
        }
    }
}
