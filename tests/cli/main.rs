//! The built binary against the simulated tenancy: every listing, every fault, every format.

// `cfg(test)` tells clippy that helpers may be as frank as the tests that call them.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod capabilities;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod confirmations;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod hard_domains;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod mail_answers;
#[cfg(test)]
mod network;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod notify_mail;
#[cfg(test)]
mod notify_topic;
#[cfg(test)]
mod odd_domain;
#[cfg(test)]
mod odd_values;
#[cfg(test)]
mod options;
#[cfg(test)]
mod pace;
#[cfg(test)]
mod partial_tenancy;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod policy_docs;
#[cfg(test)]
mod principals;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod rules;
#[cfg(test)]
#[cfg(unix)]
mod signals;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod tenancy;
#[cfg(test)]
mod waiting;
