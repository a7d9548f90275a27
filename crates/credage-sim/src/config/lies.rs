//! How a domain may lie: every answer is well formed and status 200 unless said otherwise, and not the truth.
//!
//! Nothing here needs a source: it is what a client must survive, whether real domains do it or not. The truth stays
//! what [`crate::Sim::truth`] says.

use jiff::SignedDuration;

use super::FaultAction;
use crate::collection::Collection;

/// All lies of a domain; the default is the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lies {
    /// Rows that are not shown.
    pub omissions: Vec<Omission>,
    /// What is wrong with the index of credentials.
    pub index: Vec<IndexLie>,
    /// What is wrong with `totalResults`.
    pub totals: Vec<(Collection, TotalLie)>,
    /// Which rows a page holds.
    pub pages: Vec<(Collection, PageLie)>,
    /// The form of `Resources`.
    pub resources: Vec<(Collection, ResourcesForm)>,
    /// What `itemsPerPage` says.
    pub items_per_page: ItemsPerPage,
    /// What filters do.
    pub filters: Vec<(Collection, FilterLie)>,
    /// Questions that are refused.
    pub refusals: Vec<Refusal>,
    /// What is answered to requests for one row.
    pub by_id: Vec<ByIdLie>,
    /// Attributes that hold something odd, or nothing.
    pub values: Vec<OddValue>,
    /// When pages carry `opc-next-page`.
    pub next_page: NextPage,
    /// What the `Date` header says.
    pub date_header: DateHeader,
    /// Requests that fail at random.
    pub noise: Vec<Noise>,
}

/// Which users or credentials. What is chosen is chosen when the simulation starts, and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// The auditor and what the auditor owns.
    Own,
    /// All but these.
    NotOwn,
    /// The first so many by id, the auditor's aside.
    First(usize),
    /// The last so many by id, the auditor's aside.
    Last(usize),
    /// Of a hundred about so many, the auditor's aside.
    Share {
        /// How many of a hundred.
        percent: u8,
        /// What the choice is drawn from.
        salt: u64,
    },
    /// Those whose owner is among the first so many users by id, the auditor aside; of users, these.
    OfFirstUsers(usize),
}

/// Rows that exist and are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Omission {
    /// Of which collection.
    pub collection: Collection,
    /// Which of its rows.
    pub which: Which,
    /// Whether lists show them.
    pub lists: InLists,
    /// Whether they are not found by their id (404).
    pub by_id: bool,
    /// Whether the index does not name them; of a user, whether they show no index.
    pub index: bool,
}

/// Where lists show a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InLists {
    /// As they should.
    #[default]
    Shown,
    /// Nowhere, and no total counts it.
    Hidden,
    /// Nowhere, although totals count it.
    HiddenButCounted,
    /// Nowhere but on first pages; totals count it.
    HiddenLater,
    /// Nowhere where a filter is given, and no total of such counts it.
    HiddenByFilters,
    /// Nowhere where no filter is given, and no total of such counts it.
    HiddenWithoutFilter,
}

/// What is wrong with the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexLie {
    /// These users do not show the list of this kind.
    Lacks(Collection, Which),
    /// These users name a credential of this kind that does not exist.
    Invents(Collection, Which),
}

/// What `totalResults` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalLie {
    /// So many less than there are.
    Less(u64),
    /// So many more than there are.
    More(u64),
    /// Always the same number.
    Fixed(u64),
    /// How many rows this page has.
    OfPage,
    /// So many more than were given up to this page, whatever the page.
    Growing(u64),
    /// The right number as a text.
    Text,
    /// Nothing: it is missing.
    Absent,
    /// `null`.
    Null,
    /// A negative number.
    Negative,
    /// The right number, with a fraction of zero.
    Fraction,
}

/// Which rows a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLie {
    /// No page has more rows than this.
    Cap(usize),
    /// The first page has no more rows than this.
    ShortFirst(usize),
    /// Every page has a number of rows of its own, one at least.
    Random(u64),
    /// Whatever `startIndex` says, it is the first page.
    IgnoresStart,
    /// `startIndex` counts pages.
    StartIsPage,
    /// So many rows more than were asked for.
    More(usize),
    /// Later pages begin so many rows before where they should.
    Overlaps(usize),
    /// Later pages begin so many rows after where they should.
    Skips(usize),
    /// From this row on, pages are empty.
    EmptyFrom(usize),
    /// The rows of every request lie in another order.
    Shuffled(u64),
    /// After its end it begins again.
    NeverEnds,
    /// Every row is on its page twice.
    Doubled,
}

/// The form of `Resources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourcesForm {
    /// `null` where there is no row, in place of nothing.
    NullWhereEmpty,
    /// `[]` where there is no row, in place of nothing.
    ListWhereEmpty,
    /// `null` although there are rows.
    Null,
    /// Missing although there are rows.
    Absent,
    /// `[]` although there are rows.
    Empty,
    /// `null` on all pages but the first.
    NullLater,
    /// The row itself where there is one alone.
    BareWhereOne,
    /// A `null` between the rows.
    WithNull,
}

/// What `itemsPerPage` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ItemsPerPage {
    /// What was asked for.
    #[default]
    Asked,
    /// How many rows came.
    Returned,
    /// Zero.
    Zero,
    /// A negative number.
    Negative,
    /// A text.
    Text,
    /// Nothing: it is missing.
    Absent,
}

/// What filters do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterLie {
    /// Nothing: all rows come.
    Ignored,
    /// Of several users or-ed, only the first so many count.
    FirstTerms(usize),
    /// They lose these rows.
    Loses(Which),
    /// No row passes any.
    NothingPasses,
    /// The rows come that do not pass.
    Inverted,
}

/// A question that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Where; nothing means everywhere.
    pub collection: Option<Collection>,
    /// Which question.
    pub of: Asked,
    /// With which status.
    pub status: u16,
}

/// Something that a question may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Any filter.
    Filter,
    /// A filter with several comparisons or-ed.
    Or,
    /// An order.
    Sorting,
    /// `POST …/.search`.
    Search,
    /// A `startIndex` beyond this.
    StartBeyond(usize),
    /// More than so many rows.
    MoreThan(usize),
    /// An attribute by this name, without regard to case.
    Attribute(&'static str),
    /// One row by its id.
    ById,
}

/// What is answered to a request for one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByIdLie {
    /// Of which collection.
    pub collection: Collection,
    /// For which of its rows.
    pub which: Which,
    /// What.
    pub how: ByIdHow,
}

/// What is answered in place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByIdHow {
    /// Another row.
    Another,
    /// The row without its id.
    WithoutId,
    /// This status.
    Status(u16),
    /// `{}`.
    Nothing,
}

/// An attribute that holds something odd in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OddValue {
    /// Of which collection.
    pub collection: Collection,
    /// The attribute: `user`, `user.value`, `meta.created` or a URN with its part after a colon. Case does not matter.
    pub attribute: &'static str,
    /// Of which rows.
    pub which: Which,
    /// What it holds.
    pub how: Odd,
}

/// What an attribute holds in place of its value. Nothing comes where there is no value, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// Nothing: it is missing.
    Absent,
    /// `null`, also where there is no value.
    Null,
    /// A number.
    Number,
    /// A list of two texts.
    List,
    /// An object.
    Object,
    /// `true`.
    Bool,
    /// A text with half a surrogate pair, which is no Unicode.
    Surrogate,
    /// A text of a hundred thousand characters.
    Long,
    /// A text with control characters, escapes and marks of direction.
    Control,
    /// An empty text.
    Empty,
    /// This text.
    Text(&'static str),
    /// The plain `value` of what is an object, or a list of such.
    Plain,
    /// The same instant written otherwise.
    Date(DateForm),
}

/// How an instant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `2026-01-31T10:00:00`.
    NoZone,
    /// `2026-01-31`.
    DateOnly,
    /// `2026-01-31 10:00:00Z`.
    Blank,
    /// `2026-01-31T12:00:00+02:00`.
    Offset,
    /// Seconds since 1970, as a number.
    EpochSeconds,
    /// Milliseconds since 1970, as a number.
    EpochMillis,
    /// Milliseconds since 1970, as a text.
    EpochText,
}

/// When pages carry `opc-next-page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NextPage {
    /// As `phantom_next_page` of the configuration has it: never or always.
    #[default]
    AsConfigured,
    /// Where rows remain that the same listing would show, whatever the totals say.
    WhereRowsRemain,
}

/// What the `Date` header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateHeader {
    /// The time of the domain's clock.
    #[default]
    True,
    /// So much later, although signatures are checked by the domain's clock.
    Skewed(SignedDuration),
    /// No date.
    Nonsense,
}

/// Requests that fail at random, which ones being a matter of what they ask for and of the salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    /// To which collection; nothing means to any.
    pub collection: Option<Collection>,
    /// How many of a hundred.
    pub percent: u8,
    /// What the choice is drawn from.
    pub salt: u64,
    /// How often the same request fails before it is answered; `u64::MAX` means always.
    pub times: u64,
    /// How.
    pub action: FaultAction,
}
