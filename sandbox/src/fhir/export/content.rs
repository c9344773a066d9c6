//! What an export holds: which people and resources, counted and written as lines. Everything follows
//! from the record of the export, so that counting and reading agree.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use synthetic_data::ResourceType;
use verifier::scope::Permission;

use super::super::condition::{Condition, Resolved};
use super::super::error::FhirError;
use super::super::keys::own_reference;
use super::super::overlay::Overlay;
use super::super::permit::Permit;
use super::super::population::{Entry, Indexed, person_of};
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::snapshot::{Snapshot, content};
use super::{Ask, Counts, DELETED, Job, Level, STEPS_A_FILE};
use crate::domain::grant::Grant;

/// One type of an export.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) info: &'static TypeInfo,
    /// What the token that asked for it opens, and what the token that reads it does.
    permits: [Permit; 2],
    filters: Vec<Vec<Resolved>>,
}

/// An export, ready to be counted and read.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) room: Room,
    pub(super) job: Job,
    pub(super) overlay: Arc<Overlay>,
    snapshot: Snapshot,
    wanted: Vec<Wanted>,
    /// The patients of a Group.
    members: Option<BTreeSet<String>>,
    /// Whose journals are computed.
    people: Vec<u32>,
}

impl Export {
    pub(super) async fn open(room: &Room, job: Job) -> Result<Self, FhirError> {
        let members = match &job.ask.level {
            Level::Group { id, version } => Some(members(room, id, *version).await?),
            Level::Patient | Level::System => None,
        };
        let wanted = wanted(room, &job)?;
        let personal = |one: &Wanted| one.info.base.is_some_and(|kind| !kind.is_of_practice());
        let mut people: Vec<u32> = match &members {
            Some(members) => {
                let indexes = members.iter().filter_map(|id| person_of("Patient", id));
                indexes
                    .filter(|index| room.population.has(*index))
                    .collect()
            }
            None => (0..room.population.size()).collect(),
        };
        if !wanted.iter().any(personal) {
            people.clear();
        }
        let overlay = room.overlay().await?;
        let snapshot = Snapshot::of(&overlay.view(), job.position);
        Ok(Self {
            room: room.clone(),
            job,
            overlay,
            snapshot,
            wanted,
            members,
            people,
        })
    }

    /// The type of this name, if it is exported.
    pub(super) fn wanted(&self, name: &str) -> Option<usize> {
        self.wanted.iter().position(|one| one.info.name == name)
    }

    /// How many people are to be counted.
    pub(super) fn size(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// People whose resources of a type stand in one file.
    fn people_a_file(&self) -> u32 {
        self.room
            .state
            .export_step
            .saturating_mul(STEPS_A_FILE)
            .max(1)
    }

    /// The file that holds what belongs to nobody and what was written: the one after people's.
    pub(super) fn last_file(&self) -> u32 {
        self.size().div_ceil(self.people_a_file())
    }

    /// The people of a file.
    pub(super) fn people_of(&self, file: u32) -> Vec<u32> {
        let a_file = self.people_a_file() as usize;
        let all = self.people.chunks(a_file).nth(file as usize);
        all.map(<[u32]>::to_vec).unwrap_or_default()
    }

    /// Counts some people more, and at the end what was written.
    pub(super) async fn step(self: Arc<Self>) -> Result<Job, FhirError> {
        let mut job = self.job.clone();
        let step = self.room.state.export_step.max(1);
        let next = job.walked.saturating_add(step).min(self.size());
        let export = Arc::clone(&self);
        let from = job.walked;
        let mut counts = std::mem::take(&mut job.counts);
        counts = tokio::task::spawn_blocking(move || {
            for place in from..next {
                export.count_person(place, &mut counts);
            }
            counts
        })
        .await
        .map_err(|_| FhirError::Interrupted)?;
        job.walked = next;
        job.finished = next == self.size();
        if job.finished {
            self.count_written(&mut counts).await?;
        }
        job.counts = counts;
        Ok(job)
    }

    fn count_person(&self, place: u32, counts: &mut Counts) {
        let Some(index) = self.people.get(place as usize) else {
            return;
        };
        let journal = self.room.population.compute(*index);
        for wanted in &self.wanted {
            let entries = journal.entries(wanted.info.name).iter();
            let found = entries.filter(|entry| self.holds(wanted, entry)).count();
            add(
                counts,
                wanted.info.name,
                place / self.people_a_file(),
                found,
            );
        }
    }

    async fn count_written(&self, counts: &mut Counts) -> Result<(), FhirError> {
        let file = self.last_file();
        for wanted in &self.wanted {
            let districts = 0..self.room.population.districts();
            let mut found = districts
                .map(|one| self.of_practice(wanted, one).len())
                .sum();
            for (id, number) in self.written(wanted) {
                found += usize::from(self.content(wanted, &id, number).await?.is_some());
            }
            add(counts, wanted.info.name, file, found);
        }
        let deleted = self.deletions().await?.len();
        add(counts, DELETED, 0, deleted);
        Ok(())
    }

    /// The lines of one person's resources of a type.
    pub(super) fn lines_of_person(&self, wanted: usize, index: u32) -> Bytes {
        let Some(wanted) = self.wanted.get(wanted) else {
            return Bytes::new();
        };
        if wanted.info.base == Some(ResourceType::Patient) {
            let patient = self.room.population.patient(index);
            return lines(patient.iter().filter(|entry| self.holds(wanted, entry)));
        }
        let journal = self.room.population.compute(index);
        let entries = journal.entries(wanted.info.name).iter();
        lines(entries.filter(|entry| self.holds(wanted, entry)))
    }

    /// How many parts the base population's registers are in.
    pub(super) fn districts(&self) -> u32 {
        self.room.population.districts()
    }

    /// The lines of one part of the registers.
    pub(super) fn lines_of_practice(&self, wanted: usize, district: u32) -> Bytes {
        let found = self
            .wanted
            .get(wanted)
            .map(|wanted| self.of_practice(wanted, district));
        lines(found.unwrap_or_default().iter())
    }

    fn of_practice(&self, wanted: &Wanted, district: u32) -> Vec<Entry> {
        if !wanted.info.base.is_some_and(ResourceType::is_of_practice) {
            return Vec::new();
        }
        let district = self.room.population.district(district);
        let entries = district.entries(wanted.info.name).iter();
        let held = entries.filter(|entry| self.holds(wanted, entry));
        held.cloned().collect()
    }

    /// What was written of a type and not deleted: ids and versions.
    pub(super) fn written_of(&self, wanted: usize) -> Vec<(String, i64)> {
        let wanted = self.wanted.get(wanted);
        wanted
            .map(|wanted| self.written(wanted))
            .unwrap_or_default()
    }

    fn written(&self, wanted: &Wanted) -> Vec<(String, i64)> {
        let all = self.snapshot.of_type(wanted.info);
        let there = all.filter(|(_, version)| !version.deleted && self.is_new(version.updated));
        there
            .map(|(id, version)| (id.clone(), version.number))
            .collect()
    }

    /// The line of a resource that was written; none where the export does not hold it.
    pub(super) async fn line_of(
        &self,
        wanted: usize,
        id: &str,
        number: i64,
    ) -> Result<Bytes, FhirError> {
        let Some(wanted) = self.wanted.get(wanted) else {
            return Ok(Bytes::new());
        };
        let entry = self.content(wanted, id, number).await?;
        Ok(lines(entry.iter()))
    }

    async fn content(
        &self,
        wanted: &Wanted,
        id: &str,
        number: i64,
    ) -> Result<Option<Entry>, FhirError> {
        let which = (wanted.info, id, number);
        let entry = content(&self.room.state, &self.overlay, which).await?;
        Ok(entry.filter(|entry| self.fits(wanted, entry)))
    }

    /// What is said of each resource that was deleted since.
    pub(super) async fn deletions(&self) -> Result<Vec<Value>, FhirError> {
        let mut all = Vec::new();
        if self.job.ask.since.is_none() {
            return Ok(all);
        }
        for wanted in self.wanted.iter().filter(|wanted| wanted.is_whole()) {
            let info = wanted.info;
            let gone = self.snapshot.of_type(info);
            let gone = gone.filter(|(_, version)| version.deleted && self.is_new(version.updated));
            for (id, version) in gone {
                let before = (info, id.as_str(), version.number - 1);
                let before = content(&self.room.state, &self.overlay, before).await?;
                let before = match before {
                    Some(before) => Some(before),
                    None => self.room.computed(info, id).await?,
                };
                if before.is_some_and(|before| self.is_of_level(&before)) {
                    let request = json!({"method": "DELETE", "url": format!("{}/{id}", info.name)});
                    all.push(json!({"resourceType": "Bundle", "type": "transaction",
                        "entry": [{"request": request}]}));
                }
            }
        }
        Ok(all)
    }

    fn is_new(&self, updated: i64) -> bool {
        self.job.ask.since.is_none_or(|since| updated > since)
    }

    fn is_of_level(&self, entry: &Entry) -> bool {
        match (&self.job.ask.level, &self.members) {
            (Level::System, _) => true,
            (_, None) => !entry.patients.is_empty(),
            (_, Some(members)) => entry.patients.iter().any(|one| members.contains(one)),
        }
    }

    /// Whether the export holds a resource of the base population.
    fn holds(&self, wanted: &Wanted, entry: &Entry) -> bool {
        !self.snapshot.shadows(wanted.info, &entry.id) && self.fits(wanted, entry)
    }

    fn fits(&self, wanted: &Wanted, entry: &Entry) -> bool {
        if !self.is_new(entry.updated) || !self.is_of_level(entry) {
            return false;
        }
        if wanted.is_whole() && wanted.filters.is_empty() {
            return true;
        }
        let one = Indexed::new(wanted.info, entry.clone(), &self.room.tenant.base);
        let fits = |filter: &Vec<Resolved>| filter.iter().all(|condition| condition.fits(&one));
        let wished = wanted.filters.is_empty() || wanted.filters.iter().any(fits);
        let opened = |permit: &Permit| permit.admits(&one.entry, &one.keys);
        wished && wanted.permits.iter().all(opened)
    }
}

impl Wanted {
    /// Whether no condition of a scope has to be held against its resources.
    fn is_whole(&self) -> bool {
        self.permits.iter().all(Permit::opens_all)
    }
}

fn add(counts: &mut Counts, name: &str, file: u32, found: usize) {
    if found > 0 {
        let files = counts.entry(name.to_owned()).or_default();
        *files.entry(file).or_default() += found as u64;
    }
}

fn lines<'e>(entries: impl Iterator<Item = &'e Entry>) -> Bytes {
    let mut out = Vec::new();
    for entry in entries {
        line(&mut out, &entry.json);
    }
    out.into()
}

/// A resource on one line: an app may have written it on several.
fn line(out: &mut Vec<u8>, json: &[u8]) {
    // JSON has line breaks between its parts alone; within texts they are escaped.
    let parts = json.iter().filter(|byte| !matches!(byte, b'\n' | b'\r'));
    out.extend(parts);
    out.push(b'\n');
}

fn wanted(room: &Room, job: &Job) -> Result<Vec<Wanted>, FhirError> {
    let asking = Grant {
        scopes: crate::domain::scopes::readable(&job.scopes),
        ..Grant::clone(&room.grant)
    };
    let types = job
        .ask
        .types
        .iter()
        .filter_map(|name| TypeInfo::by_name(name));
    let read = types.map(|info| {
        let permit = |grant: &Grant| Permit::everybodys(grant, info, Permission::Read, room);
        Ok(Wanted {
            info,
            permits: [permit(&asking)?, permit(&room.grant)?],
            filters: filters(room, &job.ask, info)?,
        })
    });
    read.collect()
}

fn filters(
    room: &Room,
    ask: &Ask,
    info: &'static TypeInfo,
) -> Result<Vec<Vec<Resolved>>, FhirError> {
    let own = ask.filters.iter().filter(|(name, _)| name == info.name);
    own.map(|(_, query)| filter(room, info, query)).collect()
}

/// Reads one search of `_typeFilter`: conditions on the resource itself.
pub(super) fn filter(
    room: &Room,
    info: &'static TypeInfo,
    query: &str,
) -> Result<Vec<Resolved>, FhirError> {
    let wrong = || FhirError::BadValue {
        name: "_typeFilter".to_owned(),
        takes: "Type?search, with conditions on the resource's own values alone",
    };
    let pairs = super::super::handler::pairs(query.as_bytes())?;
    if pairs.is_empty() {
        return Err(wrong());
    }
    let read = pairs.iter().map(
        |(name, value)| match Condition::parse(info, name, value, room) {
            Ok(Condition::Own(criterion)) => Ok(Resolved::Own(criterion)),
            Ok(Condition::Words { narrative, words }) => Ok(Resolved::Words { narrative, words }),
            _ => Err(wrong()),
        },
    );
    read.collect()
}

/// The patients of a Group who are members still.
async fn members(room: &Room, id: &str, version: i64) -> Result<BTreeSet<String>, FhirError> {
    let info = TypeInfo::by_name("Group").ok_or(FhirError::Interrupted)?;
    let group = room
        .readable_version(info, id, &version.to_string())
        .await?;
    let group: Value = serde_json::from_slice(&group.json).unwrap_or_default();
    let members = group.get("member").and_then(Value::as_array);
    let active = |member: &&Value| member.get("inactive") != Some(&Value::Bool(true));
    let members = members.into_iter().flatten().filter(active);
    let patients = members.filter_map(|member| {
        let reference = member.pointer("/entity/reference")?.as_str()?;
        let (kind, id) = own_reference(reference, &room.tenant.base)?;
        (kind == "Patient").then(|| id.to_owned())
    });
    Ok(patients.collect())
}
