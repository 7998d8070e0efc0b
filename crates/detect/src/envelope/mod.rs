//! How the inputs of clients lie to each other, as an envelope of the population, and who leaves it.
//!
//! Two things are watched in a window over each client's own distinct inputs. *Crowding*: how many of them lie near
//! one another, which is what a search for a small change looks like. *Distance*: how far they lie from what all
//! other clients ask, which is what synthesised inputs look like. Both limits come from the traffic itself, by
//! medians, so that a few attackers in it do not move them.

mod calibrate;
mod distance;
mod watch;

pub(crate) use calibrate::Envelope;
pub(crate) use watch::watch;
