//! Journeys through the whole product: the three sentences of the architecture, and what happens
//! when the power goes in the middle of them.

mod accessible;
mod agent;
mod by_hand;
mod console;
mod desk;
mod epj;
mod keys;
mod launch;
mod log;
mod municipality;
mod no_script;
mod page;
mod power;
mod refusals;
mod status;
mod vendor;
mod witnesses;
mod writes;
