//! The engine as its users see it: modules of every kind, what becomes of people in them, and what is
//! refused. All modules and codes here are made up.

#[cfg(test)]
mod fhir;
#[cfg(test)]
mod findings;
#[cfg(test)]
mod logic;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod states;
#[cfg(test)]
mod support;
#[cfg(test)]
mod time;
#[cfg(test)]
mod transitions;
