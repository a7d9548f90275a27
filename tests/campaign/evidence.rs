//! What a caller could have known: whether anything that a domain shows gives a missing row away.
//!
//! A row is beyond detection where every witness tells the same lie. For a credential these are, all together: no list
//! that the domain answers shows it, no total that is to be believed counts it, and no index of a listed user names it;
//! besides, the caller sees a credential of another user of that kind, or of a kind that the same right governs, so that
//! the kind does not look unreadable. Where owners have to be asked for one by one, a list cannot show what belongs to an
//! owner whom nothing gives away. For a user: no list shows and no total counts them, and no credential that is shown
//! names them as its owner, or it does and they are answered 404. Whatever else is missing could have been noticed.
//!
//! A sort of its own are owners whom the index leaves out as if they had nothing, where owners have to be asked for by name:
//! asking for everybody would show theirs, at a request for each pair of user and kind or for each few, and the product
//! takes a sample.

use credage_sim::{
    Collection, Denied, DeniedHow, FilterLie, InLists, ListingPolicy, PageLie, ResourcesForm, Sight, Sim,
    SimConfig, TotalLie, TruthRow,
};

use crate::report::Reported;

/// What there is to see of one simulated domain.
pub(crate) struct Evidence<'a> {
    pub(crate) sim: &'a Sim,
    pub(crate) config: &'a SimConfig,
    pub(crate) report: &'a Reported,
    pub(crate) auditor: &'a str,
    /// All credentials as they are in the end.
    pub(crate) rows: &'a [TruthRow],
}

/// How well something is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hiding {
    /// Something gives it away.
    InSight,
    /// Every witness tells the same lie.
    Hidden,
    /// The index leaves its owner out, and owners have to be asked for by name.
    LeftOut,
}

impl Evidence<'_> {
    /// How well a missing credential is hidden.
    pub(crate) fn of(&self, row: &TruthRow) -> Hiding {
        let sight = self.sim.sight(row.collection, &row.id);
        let own = row.owner == self.auditor;
        if self.is_named(row) || !self.others_are_visible(row.collection) {
            return Hiding::InSight;
        }
        if self.is_by_owner(row.collection) {
            if !self.report.users.contains(&row.owner) && self.hides_user(&row.owner) {
                return Hiding::Hidden;
            }
            if self.is_left_out(row) {
                return Hiding::LeftOut;
            }
        }
        if self.is_counted(row.collection, sight, own) || self.is_listed(row.collection, sight, own) {
            return Hiding::InSight;
        }
        Hiding::Hidden
    }

    /// Whether an index that the caller sees names it.
    fn is_named(&self, row: &TruthRow) -> bool {
        let owner = self.sim.sight(Collection::Users, &row.owner);
        // Users who were not read have shown no index, as long as it is said that users are missing.
        let read = self.report.users.contains(&row.owner)
            || self.report.users_verdict == "complete"
                && self.is_listed(Collection::Users, owner, row.owner == self.auditor);
        self.config.index && self.sim.sight(row.collection, &row.id).named && read
    }

    /// Whether the index tells of its owner as if they had nothing of the kind, so that only asking everybody would help.
    fn is_left_out(&self, row: &TruthRow) -> bool {
        // Nothing in place of a list is no answer where other users show empty lists, and nothing in place of the whole
        // extension is none where a user who has nothing shows it.
        let extension = self.sim.shows_index(&row.owner);
        let looks_empty = !self.config.empty_index_lists
            || self.sim.shows_index_list(&row.owner, row.collection)
            || (!extension && !self.somebody_shows_an_empty_index());
        let mut theirs =
            self.rows.iter().filter(|each| each.collection == row.collection && each.owner == row.owner);
        self.config.index
            && self.are_asked_a_few_at_a_time(row.collection)
            && looks_empty
            && !theirs.any(|each| self.is_named(each))
    }

    /// Whether not all users of so small a domain can be asked at once.
    fn are_asked_a_few_at_a_time(&self, collection: Collection) -> bool {
        let lies = self.config.lies.filters.iter().any(|(of, _)| *of == collection);
        self.listing(collection) == Some("single") || self.config.max_or_terms.is_some() || lies
    }

    /// Whether a user whom the caller read carries the extension and is named for nothing.
    fn somebody_shows_an_empty_index(&self) -> bool {
        let named = |user: &String| self.rows.iter().any(|row| row.owner == *user && self.is_named(row));
        self.report.users.iter().any(|user| self.sim.shows_index(user) && !named(user))
    }

    fn listing(&self, collection: Collection) -> Option<&str> {
        self.report.kinds.get(collection.kind_name()).map(|kind| kind.listing.as_str())
    }

    fn is_by_owner(&self, collection: Collection) -> bool {
        matches!(self.listing(collection), Some("batched" | "single"))
    }

    /// Whether nothing gives a missing user away.
    pub(crate) fn hides_user(&self, id: &str) -> bool {
        let sight = self.sim.sight(Collection::Users, id);
        let named = sight.by_id && self.report.credentials.iter().any(|row| row.listed && row.owner == id);
        let is_own = id == self.auditor;
        !named
            && !self.is_counted(Collection::Users, sight, is_own)
            && !self.is_listed(Collection::Users, sight, is_own)
            && self.anybody_is_known()
    }

    /// Whether the caller saw a credential of somebody else at all.
    pub(crate) fn anybody_is_visible(&self) -> bool {
        self.report.credentials.iter().any(|row| row.listed && row.owner != self.auditor)
    }

    /// Whether the caller knows of somebody else.
    pub(crate) fn anybody_is_known(&self) -> bool {
        self.report.users.iter().any(|user| user != self.auditor)
    }

    /// Whether the caller saw credentials of somebody else that speak for this kind: of the kind itself, or, where it looks
    /// empty, of one that the same right governs. A list of nothing but one's own is what an own-only view shows.
    fn others_are_visible(&self, collection: Collection) -> bool {
        let listed = || self.report.credentials.iter().filter(|row| row.listed);
        let is_of = |kind: &str, of: Collection| kind == of.kind_name();
        let looks_empty = !listed().any(|row| is_of(&row.kind, collection));
        let alike = if looks_empty { governed_alike(collection) } else { vec![collection] };
        listed().any(|row| row.owner != self.auditor && alike.iter().any(|&each| is_of(&row.kind, each)))
    }

    /// Whether a total that is to be believed counts it.
    fn is_counted(&self, collection: Collection, sight: Sight, own: bool) -> bool {
        let counted = match sight.lists {
            InLists::Hidden => false,
            InLists::HiddenByFilters => !self.needs_filter(collection),
            InLists::HiddenWithoutFilter => self.needs_filter(collection),
            InLists::Shown | InLists::HiddenButCounted | InLists::HiddenLater => true,
        };
        let lie = self.config.lies.totals.iter().find(|(of, _)| *of == collection).map(|(_, lie)| *lie);
        let believable = matches!(lie, None | Some(TotalLie::Text | TotalLie::Fraction | TotalLie::More(_)));
        let own_only = self.config.denied.contains(&Denied { collection, how: DeniedHow::OwnOnly });
        counted
            && believable
            && (own || !own_only)
            && !self.is_denied(collection)
            && !self.is_lost(collection, sight)
    }

    /// Whether a list shows it, at least to who looks twice.
    fn is_listed(&self, collection: Collection, sight: Sight, own: bool) -> bool {
        let shown = match sight.lists {
            InLists::Shown => true,
            InLists::Hidden | InLists::HiddenButCounted | InLists::HiddenLater => false,
            InLists::HiddenByFilters => !self.needs_filter(collection),
            InLists::HiddenWithoutFilter => self.needs_filter(collection),
        };
        let own_only = self.config.denied.contains(&Denied { collection, how: DeniedHow::OwnOnly });
        shown
            && (own || !own_only)
            && !self.is_denied(collection)
            && !self.is_lost(collection, sight)
            && !self.pages_lose(collection)
    }

    fn needs_filter(&self, collection: Collection) -> bool {
        self.config.listing.policy(collection) != ListingPolicy::Whole
    }

    fn is_lost(&self, collection: Collection, sight: Sight) -> bool {
        let lie = |lie| self.config.lies.filters.contains(&(collection, lie));
        // What comes in place of what was asked for gives an inverted filter away, unless all was asked for.
        let inverted = lie(FilterLie::Inverted) && self.listing(collection) == Some("filtered");
        self.needs_filter(collection) && (sight.lost_by_filters || lie(FilterLie::NothingPasses) || inverted)
    }

    /// Whether the collection looks empty. Refusals do not hide anything: they are seen.
    fn is_denied(&self, collection: Collection) -> bool {
        self.config.denied.contains(&Denied { collection, how: DeniedHow::EmptyOk })
    }

    /// Whether pages or their rows are lost in a way that only a total or an index shows.
    fn pages_lose(&self, collection: Collection) -> bool {
        let lies = &self.config.lies;
        let by_page =
            lies.pages.iter().filter(|(of, _)| *of == collection).any(|(_, lie)| {
                matches!(lie, PageLie::StartIsPage | PageLie::Skips(_) | PageLie::EmptyFrom(_))
            });
        let by_form = lies.resources.iter().filter(|(of, _)| *of == collection).any(|(_, form)| {
            let lost =
                [ResourcesForm::Null, ResourcesForm::Absent, ResourcesForm::Empty, ResourcesForm::NullLater];
            lost.contains(form)
        });
        by_page || by_form
    }
}

/// The kinds that the right for a kind lets a caller see, itself included (facts about OCI, "What rights are needed":
/// `read users`, `inspect credentials`, and nothing documented for database passwords).
fn governed_alike(collection: Collection) -> Vec<Collection> {
    const USERS: [Collection; 4] = [
        Collection::ApiKeys,
        Collection::AuthTokens,
        Collection::CustomerSecretKeys,
        Collection::OAuth2ClientCredentials,
    ];
    if USERS.contains(&collection) { USERS.to_vec() } else { vec![collection] }
}
