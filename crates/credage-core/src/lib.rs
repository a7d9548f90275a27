//! What a credential, a user and a domain are, and what is to be said about their ages.
//!
//! Everything here is pure: no I/O, no clock, no globals. `credage-oci` fills an [`Inventory`], [`assess()`] turns
//! it with a [`Policy`] and an instant into an [`Assessment`], and everything that anybody is told comes from that.

pub mod assess;
pub mod assessment;
pub mod attributes;
pub mod capabilities;
pub mod config;
pub mod coverage;
pub mod credential;
pub mod days;
pub mod domain;
pub mod domain_pattern;
pub mod due;
pub mod examination;
pub mod explain;
pub mod findings;
pub mod id;
pub mod inventory;
pub mod kind;
pub mod known;
pub mod near;
pub mod owner;
pub mod pattern;
pub mod people;
pub mod policy;
pub mod remedy;
mod roster;
pub mod rules;
mod settle;
pub mod undecided;
pub mod user;

pub use assess::assess;
pub use assessment::{Assessed, Assessment, DomainAssessment, KindSummary};
pub use attributes::{AttributeReading, AttributeReadings, AttributeSet, UserAttribute};
pub use config::{ConfigError, ConfigSource};
pub use coverage::{Control, Coverage, Expected, Incomplete, Listing, Reading, Refusal, Witness};
pub use credential::{Credential, CredentialField, DateReading, FieldSet, Source};
pub use days::{Days, DaysError};
pub use domain::{Domain, DomainId};
pub use domain_pattern::DomainPattern;
pub use due::{Due, DueReason, Standing, Undated};
pub use examination::{
    Check, DomainFacts, Estimate, Examination, Group, KindFacts, Prospect, Topic, Verdict,
};
pub use findings::{Assumption, Finding, RuleCount, Subject, Unjudged};
pub use id::{CredentialId, UserId};
pub use inventory::{DomainInventory, Gap, IndexState, Inventory, OwnerState, UnreadablePart};
pub use kind::Kind;
pub use known::Known;
pub use owner::OwnerView;
pub use pattern::{Pattern, UserPattern};
pub use people::Person;
pub use policy::{Boundary, Limit, LimitError, Limits, Policy};
pub use rules::Level;
pub use settle::settle;
pub use undecided::Undecided;
pub use user::{Capabilities, Capability, Mfa, Tag, User, UserDetails};
