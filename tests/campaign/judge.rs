//! An audit held against the truth.

use std::collections::{BTreeMap, BTreeSet};

use credage_sim::{Collection, Odd, Sim, TruthRow, Which};
use jiff::Timestamp;

use crate::attributes;
use crate::evidence::{Evidence, Hiding};
use crate::plan::Plan;
use crate::report::{Reported, ReportedRow, Told};
use crate::run::Outcome;

/// What is to be said about one seed.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// A gap, an invention or an error that the audit does not own up to.
    pub(crate) silent: Vec<String>,
    /// A gap that nothing gives away.
    pub(crate) hidden: Vec<String>,
    /// A gap that only asking everybody for everything would have shown.
    pub(crate) left_out: Vec<String>,
    /// A gap in what is reported as unconfirmed.
    pub(crate) unconfirmed: Vec<String>,
    /// Credentials of owners who are not listed, which an owner by owner listing cannot show, as the report says.
    pub(crate) unseen_orphans: usize,
    /// A verdict less than complete, or an exit code, that an honest domain gave no reason for.
    pub(crate) alarms: Vec<String>,
    pub(crate) crash: Option<String>,
    pub(crate) endless: Option<String>,
    /// Whether it was reported complete with exit code 0.
    pub(crate) passed: bool,
}

/// Everything that is compared.
struct Judge<'a> {
    plan: &'a Plan,
    report: &'a Reported,
    evidence: Evidence<'a>,
    auditor: &'a str,
    code: i32,
    /// What was there all the time.
    must: BTreeMap<String, TruthRow>,
    /// What was there at some time.
    may: BTreeMap<String, TruthRow>,
    must_users: BTreeSet<String>,
    may_users: BTreeSet<String>,
    verdict: Verdict,
}

/// Judges one run.
pub(crate) fn judge(plan: &Plan, sim: &Sim, outcome: &Outcome) -> Verdict {
    let mut verdict = Verdict::default();
    let bound = bound(plan);
    if outcome.gave_up {
        verdict.endless = Some(format!("did not end within {} s", outcome.took.as_secs()));
    } else if outcome.requests > bound {
        verdict.endless = Some(format!("{} requests, {bound} at most were to be expected", outcome.requests));
    }
    if outcome.gave_up {
        return verdict;
    }
    let (Some(code @ (0 | 3 | 4)), Some(json)) = (outcome.code, &outcome.report) else {
        let last = outcome.stderr.lines().last().unwrap_or_default();
        verdict.crash = Some(format!("exit {:?}: {last}", outcome.code));
        return verdict;
    };
    let Some(report) = Reported::read(json) else {
        verdict.crash = Some("the report is not what it should be".to_owned());
        return verdict;
    };
    let auditor = sim.auditor();
    let (start, now) = (sim.truth_at_start(), sim.truth());
    let evidence = Evidence { sim, config: &plan.config, report: &report, auditor: &auditor, rows: &now };
    let ids: BTreeSet<&str> = start.iter().map(|row| row.id.as_str()).collect();
    let must =
        now.iter().filter(|row| ids.contains(row.id.as_str())).map(|row| (row.id.clone(), row.clone()));
    let must: BTreeMap<_, _> = must.collect();
    let all = sim.departed().into_iter().chain(start.iter().cloned()).chain(now.iter().cloned());
    let may: BTreeMap<_, _> = all.map(|row| (row.id.clone(), row)).collect();
    let users = |users: Vec<credage_sim::TruthUser>| users.into_iter().map(|user| user.id).collect();
    let (start_users, now_users): (BTreeSet<String>, BTreeSet<String>) =
        (users(sim.users_at_start()), users(sim.users()));
    let judge = Judge {
        plan,
        report: &report,
        evidence,
        auditor: &auditor,
        code,
        must,
        may,
        must_users: start_users.intersection(&now_users).cloned().collect(),
        may_users: start_users.union(&now_users).cloned().chain(sim.departed_users()).collect(),
        verdict,
    };
    judge.run()
}

/// Requests beyond which a run has lost its way: every row, and every pair of user and kind, asked for several times.
fn bound(plan: &Plan) -> u64 {
    let rows = plan.config.users + plan.config.credentials.unwrap_or_default();
    let pairs = plan.config.users * Collection::CREDENTIALS.len();
    u64::try_from(300 + 5 * rows + 5 * pairs).unwrap_or(u64::MAX)
}

impl Judge<'_> {
    fn run(mut self) -> Verdict {
        self.verdict.passed = self.code == 0 && self.report.complete;
        self.users();
        for collection in Collection::CREDENTIALS {
            self.kind(collection);
        }
        self.baseless();
        if self.plan.honest {
            self.alarms();
        }
        self.verdict
    }

    /// Rules must not find anything in what was returned for nobody.
    fn baseless(&mut self) {
        for (attribute, rule) in attributes::WITH_RULES {
            let withheld = self.plan.config.lies.values.iter().any(|odd| {
                odd.collection == Collection::Users
                    && odd.attribute == attribute
                    && odd.which == Which::All
                    && odd.how == Odd::Absent
            });
            if withheld && self.report.found.contains(rule) {
                self.verdict
                    .silent
                    .push(format!("{rule} found something, and {attribute} was never returned"));
            }
        }
    }

    fn is_complete(&self, collection: Collection) -> bool {
        self.verdict_on(collection) == "complete"
    }

    fn verdict_on(&self, collection: Collection) -> &str {
        if collection == Collection::Users {
            return &self.report.users_verdict;
        }
        self.report.kinds.get(collection.kind_name()).map_or("not there", |kind| kind.verdict.as_str())
    }

    fn users(&mut self) {
        let missing: Vec<String> = self.must_users.difference(&self.report.users).cloned().collect();
        for id in missing {
            let hidden = self.evidence.hides_user(&id);
            self.missing(Collection::Users, &id, if hidden { Hiding::Hidden } else { Hiding::InSight });
        }
        let invented: Vec<String> = self.report.users.difference(&self.may_users).cloned().collect();
        if self.is_complete(Collection::Users) {
            self.verdict.silent.extend(invented.iter().map(|id| format!("users complete, {id} invented")));
        }
    }

    /// Judges something that is missing, by the verdict on its collection and by the exit code.
    fn missing(&mut self, collection: Collection, id: &str, hiding: Hiding) {
        // Another text in place of an id is an id like any other.
        let hiding = if self.has_another_id(collection) { Hiding::Hidden } else { hiding };
        let verdict = self.verdict_on(collection).to_owned();
        let what = format!("{collection} {verdict}, {id} is missing");
        match verdict.as_str() {
            "complete" => match hiding {
                Hiding::InSight => self.verdict.silent.push(what),
                Hiding::Hidden => self.verdict.hidden.push(what),
                Hiding::LeftOut => self.verdict.left_out.push(what),
            },
            "unconfirmed" if self.may_tolerate() => self.verdict.unconfirmed.push(what),
            _ if self.code == 0 => self.verdict.silent.push(format!("{what}, exit 0")),
            _ => {}
        }
    }

    /// Whether an unconfirmed verdict may leave the exit code alone: somebody else's credentials are visible, or nobody
    /// else is known.
    fn may_tolerate(&self) -> bool {
        self.code != 0 || self.evidence.anybody_is_visible() || !self.evidence.anybody_is_known()
    }

    fn kind(&mut self, collection: Collection) {
        let rows: Vec<&ReportedRow> =
            self.report.credentials.iter().filter(|row| row.kind == collection.kind_name()).collect();
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let missing: Vec<TruthRow> = self
            .must
            .values()
            .filter(|row| row.collection == collection && !ids.contains(row.id.as_str()))
            .cloned()
            .collect();
        for row in missing {
            if self.is_unseen_orphan(&row) {
                self.verdict.unseen_orphans += 1;
                continue;
            }
            let hiding = self.evidence.of(&row);
            self.missing(collection, &row.id, hiding);
        }
        if self.is_complete(collection) {
            let wrong: Vec<String> = rows.iter().filter_map(|row| self.wrong(collection, row)).collect();
            self.verdict.silent.extend(wrong);
            if rows.len() > ids.len() {
                self.verdict.silent.push(format!("{collection} complete, a credential is there twice"));
            }
        }
    }

    /// Whether ids are well-formed texts that are not the ids.
    fn has_another_id(&self, collection: Collection) -> bool {
        self.lies_about(collection, "id", |how| matches!(how, Odd::Long | Odd::Control))
    }

    /// Whether an owner by owner listing cannot have shown it, and the report says that orphans were not judged.
    fn is_unseen_orphan(&self, row: &TruthRow) -> bool {
        let listing = self.report.kinds.get(row.collection.kind_name()).map(|kind| kind.listing.as_str());
        !row.owner_listed
            && matches!(listing, Some("batched" | "single"))
            && self.report.unjudged.contains("orphaned-credential")
    }

    /// What is wrong with a row of a kind that is said to be complete.
    fn wrong(&self, collection: Collection, row: &ReportedRow) -> Option<String> {
        let say = |what: &str| Some(format!("{collection} complete, {} {what}", row.id));
        let Some(truth) = self.may.get(&row.id).filter(|truth| truth.collection == collection) else {
            return if self.has_another_id(collection) { None } else { say("is invented") };
        };
        if !row.listed {
            return say("is complete although only the index tells of it");
        }
        // An OCID is as good a name, where it is said that not all users were read, or nobody is listed by that name.
        let unlisted = !truth.owner_listed || !self.is_complete(Collection::Users);
        let by_ocid = row.owner == truth.owner_ocid && unlisted;
        if row.owner != truth.owner && !by_ocid {
            return say(&format!("belongs to {}, not to {:?}", truth.owner, row.owner));
        }
        let owner_is_there = self.must_users.contains(&truth.owner) && truth.owner_listed;
        if row.orphaned && owner_is_there && !self.evidence.hides_user(&truth.owner) {
            return say("is called orphaned, and its owner is there");
        }
        // A password that was set again is as old as that, whatever is said of its creation.
        let dated = row.flagged || matches!(row.last_set, Told::At(_));
        for (name, told, truth, flagged) in [
            ("meta.created", &row.created, truth.created, dated),
            ("lastSetDate", &row.last_set, truth.last_set, row.flagged),
            ("expiresOn", &row.expires_on, truth.expires_on, row.flagged),
        ] {
            if !self.is_right(collection, name, told, truth, flagged) {
                return say(&format!("{name} is {truth:?}, not {told:?}"));
            }
        }
        None
    }

    fn is_right(
        &self,
        collection: Collection,
        name: &str,
        told: &Told,
        truth: Option<Timestamp>,
        flagged: bool,
    ) -> bool {
        match (told, truth) {
            (Told::At(told), Some(truth)) => {
                // A day without a time can be read as its midnight only.
                let day = told.as_second() % 86_400 == 0;
                *told == truth || day && self.lies_about(collection, name, |how| matches!(how, Odd::Date(_)))
            }
            (Told::At(_), None) => false,
            (Told::Raw, _) | (Told::Nothing, None) => true,
            // What is optional and is not there, or null, cannot be told from what does not exist.
            (Told::Nothing, Some(_)) => {
                flagged || self.lies_about(collection, name, |how| matches!(how, Odd::Absent | Odd::Null))
            }
        }
    }

    fn lies_about(&self, collection: Collection, name: &str, how: impl Fn(Odd) -> bool) -> bool {
        let parent = name.split('.').next().unwrap_or_default();
        let about = |attribute: &str| attribute == name || attribute == parent;
        let mut values = self.plan.config.lies.values.iter();
        values.any(|odd| odd.collection == collection && about(odd.attribute) && how(odd.how))
    }

    /// What an honest domain gave no reason for.
    fn alarms(&mut self) {
        let others_own = |collection: Option<Collection>| {
            self.must.values().any(|row| {
                row.owner != self.auditor
                    && row.owner_listed
                    && collection.is_none_or(|of| of == row.collection)
            })
        };
        let owns = |collection| self.must.values().any(|row| row.collection == collection);
        let mut alarms = Vec::new();
        // Nothing but the auditor's own looks like a view of one's own, however honest.
        let mut looks_own_only = !others_own(None);
        for collection in Collection::CREDENTIALS {
            match self.verdict_on(collection) {
                "complete" => {}
                "unconfirmed" if !others_own(Some(collection)) => looks_own_only |= owns(collection),
                other => alarms.push(format!("{collection} {other}")),
            }
        }
        match self.verdict_on(Collection::Users) {
            "complete" => {}
            "unconfirmed" if self.must_users.len() == 1 => {}
            other => alarms.push(format!("Users {other}")),
        }
        if self.code != 0 && alarms.is_empty() && !looks_own_only {
            alarms.push(format!("exit {}", self.code));
        }
        self.verdict.alarms = alarms;
    }
}
