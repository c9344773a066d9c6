//! Writes one service's journal and numbers what it writes.

use super::plan::Form;
use super::{
    Alert, Code, Contact, Drug, Ending, Episode, Fact, Finding, Note, Onset, Part, Photo, Plan,
    Prescription, Problem, Procedure, Reading, Service, Source, Statement, Vaccination, Value,
    What,
};
use crate::date::{Date, Moment};

/// Where a contact takes place, and who meets the person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    pub(crate) at: Moment,
    pub(crate) form: Form,
    pub(crate) minutes: u16,
    pub(crate) practitioner: usize,
}

/// A journal being written, contact by contact, in the order of time.
#[derive(Debug)]
pub(crate) struct Scribe {
    pub(crate) facts: Vec<Fact>,
    service: Service,
    meeting: Meeting,
    contact: u32,
    counts: [u32; COUNTS],
}

/// Places in [`Scribe::counts`].
#[derive(Clone, Copy)]
#[repr(usize)]
enum Count {
    Contact,
    Note,
    Problem,
    /// Readings and findings are both observations.
    Observation,
    Procedure,
    Plan,
    Episode,
    Vaccination,
    Prescription,
    Alert,
    Statement,
}

/// How many there are.
const COUNTS: usize = 11;

impl Scribe {
    pub(crate) fn new(service: Service, begin: Date) -> Self {
        let meeting = Meeting {
            at: Moment {
                date: begin,
                minute: 0,
            },
            form: Form::Examination,
            minutes: 0,
            practitioner: 0,
        };
        Self {
            facts: Vec::new(),
            service,
            meeting,
            contact: 0,
            counts: [0; COUNTS],
        }
    }

    /// A journal whose numbers all begin above this one.
    pub(crate) fn numbered_from(service: Service, begin: Date, number: u32) -> Self {
        let counts = [number; COUNTS];
        Self {
            counts,
            ..Self::new(service, begin)
        }
    }

    /// The day of the contact.
    pub(crate) fn today(&self) -> Date {
        self.meeting.at.date
    }

    /// Prescribes a medicine for so many days.
    pub(crate) fn course(&mut self, drug: Drug, reason: Code, problem: u32, days: i32) {
        let number = self.next(Count::Prescription);
        let end = self.today().plus_days(days);
        self.facts.push(Fact::Prescription(Prescription {
            service: self.service,
            number,
            drug,
            reason,
            problem,
            authored: self.meeting.at.plus_minutes(10),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
            course: true,
            ended: Some((end, Ending::Finished)),
        }));
    }

    fn next(&mut self, kind: Count) -> u32 {
        let Some(count) = self.counts.get_mut(kind as usize) else {
            return 0;
        };
        *count += 1;
        *count
    }

    /// Sets the number of the next contact, where those before it are not written.
    pub(crate) fn skip_contacts_to(&mut self, number: u32) {
        if let Some(count) = self.counts.get_mut(Count::Contact as usize) {
            *count = number;
        }
    }

    /// Begins a contact; what is written next belongs to it.
    pub(crate) fn meet(&mut self, meeting: Meeting, reasons: Vec<Code>, problems: Vec<u32>) -> u32 {
        let number = self.next(Count::Contact);
        self.meeting = meeting;
        self.contact = number;
        self.facts.push(Fact::Contact(Contact {
            service: self.service,
            number,
            start: meeting.at,
            minutes: meeting.minutes,
            form: meeting.form,
            practitioner: meeting.practitioner,
            reasons,
            problems,
        }));
        number
    }

    /// The number that the next problem will have.
    pub(crate) fn coming_problem(&self) -> u32 {
        let written = self.counts.get(Count::Problem as usize);
        written.map_or(1, |count| count + 1)
    }

    pub(crate) fn problem(&mut self, code: Code, lasting: bool, abated: Option<Date>) -> u32 {
        let number = self.next(Count::Problem);
        self.facts.push(Fact::Problem(Problem {
            service: self.service,
            number,
            code,
            lasting,
            onset: Onset::Day(self.meeting.at.date),
            recorded: self.meeting.at,
            contact: self.contact,
            practitioner: self.meeting.practitioner,
            abated,
        }));
        number
    }

    pub(crate) fn reading(&mut self, what: What, value: Value) {
        let number = self.next(Count::Observation);
        self.facts.push(Fact::Reading(Reading {
            service: self.service,
            number,
            what,
            value,
            at: self.meeting.at.plus_minutes(5),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
        }));
    }

    /// Writes a finding; what is its own comes in `what`, the rest follows from the contact.
    pub(crate) fn finding(&mut self, what: &Subject, parts: Vec<Part>, total: Option<i32>) {
        let number = self.next(Count::Observation);
        self.facts.push(Fact::Finding(Finding {
            service: self.service,
            number,
            loinc: what.loinc,
            name: what.name,
            category: what.category,
            total,
            parts,
            problem: what.problem,
            site: what.site,
            photo: None,
            at: self.meeting.at.plus_minutes(5),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
        }));
    }

    /// Adds a picture to the finding written last.
    pub(crate) fn photograph(&mut self, photo: Option<Photo>) {
        if let (Some(photo), Some(Fact::Finding(finding))) = (photo, self.facts.last_mut()) {
            finding.photo = Some(Box::new(photo));
        }
    }

    pub(crate) fn procedure(
        &mut self,
        name: &'static str,
        problem: Option<u32>,
        site: Option<&'static str>,
    ) {
        let number = self.next(Count::Procedure);
        self.facts.push(Fact::Procedure(Procedure {
            service: self.service,
            number,
            name,
            problem,
            site,
            at: self.meeting.at.plus_minutes(10),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
        }));
    }

    pub(crate) fn vaccination(&mut self, atc: &'static str, name: &'static str, dose: u8) {
        let number = self.next(Count::Vaccination);
        self.facts.push(Fact::Vaccination(Vaccination {
            service: self.service,
            number,
            atc,
            name,
            dose,
            at: self.meeting.at.plus_minutes(10),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
        }));
    }

    /// What everybody who opens the journal must see.
    pub(crate) fn alert(&mut self, text: &'static str) {
        let number = self.next(Count::Alert);
        self.facts.push(Fact::Alert(Alert {
            service: self.service,
            number,
            text,
            at: self.meeting.at.plus_minutes(15),
            contact: self.contact,
            practitioner: self.meeting.practitioner,
        }));
    }

    /// A medicine that the person says is taken.
    pub(crate) fn says(&mut self, drug: Drug) {
        let number = self.next(Count::Statement);
        self.facts.push(Fact::Statement(Statement {
            service: self.service,
            number,
            drug,
            source: Source::Person,
            at: self.meeting.at.plus_minutes(5),
            ended: None,
        }));
    }

    /// A note of the contact.
    pub(crate) fn note(&mut self, text: String) {
        let at = self.meeting.at.plus_minutes(self.meeting.minutes);
        let (contact, practitioner) = (Some(self.contact), self.meeting.practitioner);
        self.write_note(at, contact, practitioner, text);
    }

    /// A note of no contact.
    pub(crate) fn note_at(&mut self, at: Moment, practitioner: usize, text: String) {
        self.write_note(at, None, practitioner, text);
    }

    fn write_note(&mut self, at: Moment, contact: Option<u32>, practitioner: usize, text: String) {
        let number = self.next(Count::Note);
        self.facts.push(Fact::Note(Note {
            service: self.service,
            number,
            at,
            contact,
            practitioner,
            text,
            replaces: None,
            withdrawn: None,
        }));
    }

    /// Begins an episode of care; gives its place among the facts.
    pub(crate) fn episode(
        &mut self,
        at: Moment,
        name: &'static str,
        kind: Option<&'static str>,
        problem: Option<u32>,
    ) -> usize {
        let number = self.next(Count::Episode);
        self.facts.push(Fact::Episode(Episode {
            service: self.service,
            number,
            name,
            kind,
            problem,
            at,
            ended: None,
        }));
        self.facts.len() - 1
    }

    /// Makes a plan; gives its place among the facts.
    pub(crate) fn plan(&mut self, what: &Aim, problem: Option<u32>) -> usize {
        let number = self.next(Count::Plan);
        self.facts.push(Fact::Plan(Plan {
            service: self.service,
            number,
            title: what.title,
            goal: what.goal,
            steps: what.steps.to_vec(),
            problem,
            at: self.meeting.at.plus_minutes(15),
            practitioner: self.meeting.practitioner,
            ended: None,
        }));
        self.facts.len() - 1
    }

    /// Ends what stands at a place.
    pub(crate) fn end(&mut self, place: usize, date: Date) {
        match self.facts.get_mut(place) {
            Some(Fact::Episode(episode)) => episode.ended = Some(date),
            Some(Fact::Plan(plan)) => plan.ended = Some(date),
            Some(Fact::Problem(problem)) => problem.abated = Some(date),
            _ => {}
        }
    }

    /// The place of the fact written last.
    pub(crate) fn written(&self) -> usize {
        self.facts.len().saturating_sub(1)
    }
}

/// What a finding is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) loinc: Option<&'static str>,
    pub(crate) name: &'static str,
    pub(crate) category: &'static str,
    pub(crate) problem: Option<u32>,
    pub(crate) site: Option<&'static str>,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aim {
    pub(crate) title: &'static str,
    pub(crate) goal: &'static str,
    pub(crate) steps: &'static [&'static str],
}
