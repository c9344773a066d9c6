//! The generator as its users see it: numbers, determinism, structure, realism, no-basis.

#[cfg(test)]
mod calibration;
#[cfg(test)]
mod country;
#[cfg(test)]
mod courses;
#[cfg(test)]
mod export;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod named;
#[cfg(test)]
mod no_basis;
#[cfg(test)]
mod nynorsk;
#[cfg(test)]
mod people;
#[cfg(test)]
mod population;
#[cfg(test)]
mod prefix;
#[cfg(test)]
mod services;
#[cfg(test)]
mod sheaf;
#[cfg(test)]
mod structure;
#[cfg(test)]
mod support;
#[cfg(test)]
mod traps;
#[cfg(test)]
mod wounds;
