//! What registers hold of units: Practitioner, `PractitionerRole`, Organization; and the parts that
//! Patient shares with them.

use super::json::Json;
use super::{ResourceType, Revision, Sheaf, system};
use crate::date::Moment;
use crate::ids::{IdentifierKind, PersonIdentifier};
use crate::names::Name;
use crate::places::Address;
use crate::world::{Organization, Practitioner, Profession, Unit, UnitKind};

/// One of the staff as a Practitioner.
pub(crate) fn practitioner(sheaf: &mut Sheaf, practitioner: &Practitioner, since: Moment) {
    let profile = Some(system::NO_BASIS_PRACTITIONER);
    let id = practitioner.id.clone();
    sheaf.write(
        ResourceType::Practitioner,
        id,
        Revision::first(since),
        profile,
        |json| {
            json.array("identifier", |list| {
                list.item(|item| {
                    identifier(
                        item,
                        Some("official"),
                        system::HPR,
                        &practitioner.hpr.to_string(),
                    );
                });
                list.item(|item| {
                    person_identifier(item, None, practitioner.identifier);
                });
            });
            json.flag("active", true);
            json.one("name", |name| human_name(name, practitioner.name));
            json.text("gender", practitioner.sex.code());
            json.date("birthDate", practitioner.birth_date);
            json.one("qualification", |item| {
                item.member("code", |code| {
                    code.array("coding", |codings| {
                        codings.item(|coding| {
                            coding.word("system", system::PERSONNEL_CATEGORY);
                            coding.text("code", practitioner.profession.category());
                            coding.text("display", practitioner.profession.title());
                        });
                        codings.item(|coding| {
                            coding.word("system", system::APPROVAL_TYPE);
                            coding.word("code", "1");
                            coding.word("display", "Autorisasjon");
                        });
                    });
                });
            });
        },
    );
}

/// One of the staff's role at the unit.
pub(crate) fn role(sheaf: &mut Sheaf, practitioner: &Practitioner, unit: &Unit, since: Moment) {
    let id = practitioner.role_id.clone();
    let profile = Some(system::NO_BASIS_ROLE);
    sheaf.write(
        ResourceType::PractitionerRole,
        id,
        Revision::first(since),
        profile,
        |json| {
            json.one("identifier", |item| {
                identifier(item, None, system::HER, &practitioner.her_id.to_string());
            });
            json.flag("active", true);
            json.member("practitioner", |item| {
                practitioner_reference(item, practitioner);
            });
            json.member("organization", |item| {
                organization_reference(item, &unit.organization);
            });
            json.one("code", |code| match practitioner.profession {
                Profession::Doctor if unit.id.kind == UnitKind::Practice => {
                    code.one("coding", |coding| {
                        coding.word("system", system::ROLE);
                        coding.word("code", "6");
                        coding.word("display", "Fastlege");
                    });
                    code.word("text", "Fastlege");
                }
                other => code.text("text", other.title()),
            });
        },
    );
}

/// The unit as an Organization.
pub(crate) fn organization(sheaf: &mut Sheaf, unit: &Unit, since: Moment) {
    let organization = &unit.organization;
    let id = organization.id.clone();
    let profile = Some(system::NO_BASIS_ORGANIZATION);
    sheaf.write(
        ResourceType::Organization,
        id,
        Revision::first(since),
        profile,
        |json| {
            json.array("identifier", |list| {
                list.item(|item| {
                    identifier(
                        item,
                        Some("official"),
                        system::ENH,
                        &organization.orgnr.to_string(),
                    );
                });
                list.item(|item| {
                    identifier(item, None, system::HER, &organization.her_id.to_string());
                });
            });
            json.flag("active", true);
            json.one("type", |item| {
                item.one("coding", |coding| {
                    coding.word("system", system::ORGANIZATION_TYPE);
                    coding.word("code", "prov");
                });
                item.text("text", unit.id.kind.title());
            });
            json.text("name", &organization.name);
            json.one("telecom", |item| {
                item.word("system", "phone");
                item.text("value", &organization.phone);
                item.word("use", "work");
            });
            json.one("address", |item| {
                item.word("use", "work");
                address(item, &organization.address);
            });
        },
    );
}

pub(crate) fn practitioner_reference(json: &mut Json, practitioner: &Practitioner) {
    json.joined("reference", ("Practitioner", b'/', &practitioner.id));
    let name = practitioner.name;
    json.joined("display", (name.given, b' ', name.family));
}

pub(crate) fn organization_reference(json: &mut Json, organization: &Organization) {
    json.joined("reference", ("Organization", b'/', &organization.id));
    json.text("display", &organization.name);
}

pub(super) fn identifier(json: &mut Json, usage: Option<&str>, system: &str, value: &str) {
    if let Some(usage) = usage {
        json.text("use", usage);
    }
    json.text("system", system);
    json.text("value", value);
}

pub(super) fn person_identifier(json: &mut Json, usage: Option<&str>, person: PersonIdentifier) {
    let system = match person.kind() {
        IdentifierKind::Fnr => system::FNR,
        IdentifierKind::DNumber => system::D_NUMBER,
        IdentifierKind::HNumber => system::H_NUMBER,
        IdentifierKind::FhNumber => system::FH_NUMBER,
    };
    identifier(json, usage, system, &person.to_string());
}

pub(super) fn human_name(json: &mut Json, name: Name) {
    json.word("use", "official");
    json.text("text", &name.full());
    json.text("family", name.family);
    json.array("given", |given| given.text_item(name.given));
}

pub(super) fn address(json: &mut Json, address: &Address) {
    json.word("type", "both");
    json.array("line", |line| line.text_item(&address.line));
    if !address.city.is_empty() {
        json.text("city", address.city);
    }
    if let Some(municipality) = address.municipality {
        json.text("district", municipality.name);
        json.member("_district", |district| {
            district.one("extension", |extension| {
                extension.word("url", system::MUNICIPALITY_CODE);
                extension.member("valueCoding", |coding| {
                    coding.word("system", system::MUNICIPALITY);
                    coding.text("code", municipality.code);
                    coding.text("display", municipality.name);
                });
            });
        });
        json.text("state", municipality.county);
    }
    if let Some(postal_code) = address.postal_code {
        json.text("postalCode", postal_code);
    }
    json.text("country", address.country);
}
