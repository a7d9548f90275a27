//! What a caller could have known: whether anything that a domain shows gives a missing row away.
//!
//! A row is beyond detection where every witness tells the same lie. For a credential these are, all together: no list
//! that the domain answers shows it, no total that is to be believed counts it, and no index of a listed user names it;
//! besides, the caller sees a credential of another user of that kind, or of a kind that the same right governs, so that
//! the kind does not look unreadable. For a user: no list shows and no total counts them, and no credential that is shown
//! names them as its owner, or it does and they are answered 404. Whatever else is missing could have been noticed.

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
}

impl Evidence<'_> {
    /// Whether nothing gives a missing credential away.
    pub(crate) fn hides(&self, row: &TruthRow) -> bool {
        let sight = self.sim.sight(row.collection, &row.id);
        let own = row.owner == self.auditor;
        let named = self.config.index && sight.named;
        !named
            && !self.is_counted(row.collection, sight, own)
            && !self.is_listed(row.collection, sight, own)
            && self.others_are_visible(row.collection)
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

    /// Whether the caller saw credentials of somebody else that speak for this kind.
    fn others_are_visible(&self, collection: Collection) -> bool {
        let speaks = |kind: &str| governed_alike(collection).iter().any(|each| each.kind_name() == kind);
        let mut rows = self.report.credentials.iter();
        rows.any(|row| row.listed && row.owner != self.auditor && speaks(&row.kind))
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
        let nothing = self.config.lies.filters.contains(&(collection, FilterLie::NothingPasses));
        self.needs_filter(collection) && (sight.lost_by_filters || nothing)
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
