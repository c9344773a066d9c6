//! Journeys through the whole product: the three sentences of the architecture, and what happens
//! when the power goes in the middle of them.

mod epj;
mod municipality;
mod power;
mod refusals;
mod vendor;
