//! The organisations and people of the demo: the same as the HelseID simulator logs in.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use registry::{Organisation, Person, Registry, ReviewRole};
use sandbox::personas::{Persona, ReviewField, personas};

/// Records every demo organisation and person; doing it again changes nothing.
pub(crate) async fn bring(registry: &Registry) -> anyhow::Result<()> {
    for organisation in organisations()?.into_values() {
        registry.save_organisation(&organisation).await?;
    }
    for persona in personas() {
        registry.save_person(&person(persona)?).await?;
    }
    Ok(())
}

/// An organisation does what its people do.
fn organisations() -> anyhow::Result<BTreeMap<&'static str, Organisation>> {
    let mut all = BTreeMap::new();
    for persona in personas() {
        let organisation = all.entry(persona.organisation).or_insert(Organisation {
            orgnr: persona
                .organisation
                .parse()
                .context("a demo organisation number")?,
            name: persona.organisation_name.to_owned(),
            roles: BTreeSet::new(),
        });
        organisation.roles.extend(persona.roles);
    }
    Ok(all)
}

fn person(persona: &Persona) -> anyhow::Result<Person> {
    Ok(Person {
        subject: persona.sub.to_owned(),
        name: persona.name(),
        orgnr: persona
            .organisation
            .parse()
            .context("a demo organisation number")?,
        roles: persona.roles.iter().copied().collect(),
        review_roles: persona.reviews.iter().copied().map(review_role).collect(),
    })
}

fn review_role(field: ReviewField) -> ReviewRole {
    match field {
        ReviewField::Security => ReviewRole::Security,
        ReviewField::Clinical => ReviewRole::Clinical,
    }
}

/// The demo logins, one a line, for the terminal.
pub(crate) fn logins() -> String {
    let line = |persona: &Persona| {
        let roles: Vec<_> = persona.roles.iter().map(|role| role.as_str()).collect();
        format!(
            "  {:<20} {:<34} {}",
            persona.name(),
            persona.organisation_name,
            roles.join(", ")
        )
    };
    let lines: Vec<_> = personas().iter().map(line).collect();
    lines.join("\n") + "\n"
}
