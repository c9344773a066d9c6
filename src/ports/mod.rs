//! The ports between the rooms, filled in: what one room asks for, in its own words, answered by
//! another. Translation only; a rule that would stand here belongs to a room.

mod approvals;
mod guard;
mod hosted;
mod notifications;
mod stage;
mod subjects;
mod verdicts;

pub(crate) use approvals::RegistryApprovals;
pub(crate) use hosted::HostedFiles;
pub(crate) use notifications::Endpoints;
pub(crate) use stage::SandboxStage;
pub(crate) use subjects::RegistrySubjects;
pub(crate) use verdicts::CheckVerdicts;
