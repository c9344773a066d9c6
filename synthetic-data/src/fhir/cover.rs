//! What nearly every resource of a journal says again: whom it is about, who wrote it and where. Each
//! is written once for a person, and copied from then on.

use super::ResourceType;
use super::id;
use super::json::Json;
use crate::history::Service;
use crate::people::Person;
use crate::world::UnitKind;

/// Whom the resources are about.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) person: &'a Person,
    /// True where what is written of the person is in nynorsk.
    pub(crate) nynorsk: bool,
    reference: Vec<u8>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(person: &'a Person) -> Self {
        let id = id::of_person(
            person.index,
            Service::GeneralPractice,
            ResourceType::Patient,
            0,
        );
        let reference = Json::piece(|json| {
            json.joined("reference", ("Patient", b'/', id.as_str()));
            json.joined("display", (person.name.given, b' ', person.name.family));
        });
        Self {
            person,
            nynorsk: person.municipality.writes_nynorsk(),
            reference,
        }
    }

    /// The members of a reference to the person.
    pub(crate) fn refer(&self, json: &mut Json) {
        json.fragment(&self.reference);
    }

    /// The member of a reference to one of the person's own resources.
    pub(crate) fn own(&self, json: &mut Json, service: Service, kind: ResourceType, number: u32) {
        let id = id::of_person(self.person.index, service, kind, number);
        json.joined("reference", (kind.name(), b'/', id.as_str()));
    }
}

/// A unit and its staff as documents name them.
#[derive(Clone, Debug)]
pub(crate) struct Letterhead {
    pub(crate) kind: UnitKind,
    organization: Vec<u8>,
    staff: Vec<Vec<u8>>,
}

impl Letterhead {
    pub(crate) fn new(
        kind: UnitKind,
        (id, name): (&str, &str),
        staff: impl Iterator<Item = (String, crate::names::Name)>,
    ) -> Self {
        let organization = Json::piece(|json| {
            json.joined("reference", ("Organization", b'/', id));
            json.text("display", name);
        });
        let staff = staff.map(|(id, name)| {
            Json::piece(|json| {
                json.joined("reference", ("Practitioner", b'/', &id));
                json.joined("display", (name.given, b' ', name.family));
            })
        });
        Self {
            kind,
            organization,
            staff: staff.collect(),
        }
    }

    /// The members of a reference to the organisation.
    pub(crate) fn organization(&self, json: &mut Json) {
        json.fragment(&self.organization);
    }

    /// One of the staff, by place.
    pub(crate) fn practitioner(&self, place: usize) -> Option<Signature<'_>> {
        self.staff.get(place).map(|own| Signature(own))
    }
}

/// One of the staff as a document names them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature<'a>(&'a [u8]);

impl Signature<'_> {
    /// The members of a reference to the practitioner.
    pub(crate) fn refer(self, json: &mut Json) {
        json.fragment(self.0);
    }
}
