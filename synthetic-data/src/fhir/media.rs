//! Media: the picture that a wound was measured from, drawn, with the picture inside.

use super::clinical::{coded, reference};
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, picture, system};
use crate::history::Finding;

/// The picture of a finding, where there is one.
pub(crate) fn media(
    sheaf: &mut Sheaf,
    finding: &Finding,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let Some(photo) = &finding.photo else { return };
    let picture = picture::of(photo);
    let kind = ResourceType::Media;
    let own_id = id::of_person(patient.person.index, finding.service, kind, finding.number);
    let issued = finding.at.plus_minutes(5);
    sheaf.write(kind, own_id, Revision::first(issued), None, |json| {
        json.word("status", "completed");
        json.member("type", |item| coded(item, system::MEDIA_TYPE, "image"));
        json.member("subject", |item| patient.refer(item));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, finding.service, kind, finding.contact);
        });
        json.moment("createdDateTime", finding.at);
        json.moment("issued", issued);
        if let Some(practitioner) = unit.practitioner(finding.practitioner) {
            json.member("operator", |item| practitioner.refer(item));
        }
        if let Some(site) = finding.site {
            json.member("bodySite", |item| item.said("text", site));
        }
        json.count("height", picture.side);
        json.count("width", picture.side);
        json.member("content", |content| {
            content.word("contentType", "image/png");
            content.base64("data", &picture.png);
            content.said("title", "Sårbilde");
            content.moment("creation", finding.at);
        });
        json.one("note", |note| {
            let scale = picture.scale;
            note.said(
                "text",
                &format!("Tegnet bilde. 1 cm er {scale} bildepunkter."),
            );
        });
    });
}
