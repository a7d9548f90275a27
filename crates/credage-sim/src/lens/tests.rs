//! Each lie shows in answers and not in the truth.

use serde_json::{Value, json};

use super::Lens;
use crate::collection::Collection;
use crate::config::{
    Asked, ByIdHow, ByIdLie, Change, FilterLie, InLists, IndexLie, Lies, Odd, OddValue, Omission, PageLie,
    Refusal, ResourcesForm, SimConfig, TotalLie, What, Which,
};
use crate::data::{Auditor, Domain, generate};
use crate::keys::AUDITOR;
use crate::scim::document::Eye;
use crate::scim::search::{Refused, Search, get_one, list};

const KEYS: Collection = Collection::ApiKeys;
const INDEX: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User";

struct Scene {
    config: SimConfig,
    domain: Domain,
    lens: Lens,
}

fn scene(lies: Lies) -> Scene {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let config =
        SimConfig { users: 40, credentials: Some(120), odd_users: false, lies, ..SimConfig::new(now) };
    let domain = generate(&config, &Auditor { ocid: AUDITOR, fingerprint: "aa" });
    let lens = Lens::new(&config.lies, &domain);
    Scene { config, domain, lens }
}

impl Scene {
    fn eye(&self) -> Eye<'_> {
        let base = "http://domain.example";
        Eye { domain: &self.domain, base, index: true, groups: true, empty_lists: false, lens: &self.lens }
    }

    fn list(&self, collection: Collection, search: &Search) -> Result<Value, Refused> {
        list(&self.config, &self.eye(), collection, search, 1).map(|page| page.value)
    }

    fn page(&self, start: i64, count: i64) -> Value {
        let search = Search { start_index: Some(start), count: Some(count), ..Search::default() };
        self.list(KEYS, &search).unwrap()
    }

    fn ids(&self, start: i64, count: i64) -> Vec<String> {
        ids(&self.page(start, count))
    }

    fn filtered(&self, filter: &str) -> Vec<String> {
        let search = Search { filter: Some(filter.to_owned()), count: Some(1000), ..Search::default() };
        ids(&self.list(KEYS, &search).unwrap())
    }

    fn refs(&self, list: &str) -> Vec<Value> {
        let attributes = vec![format!("{INDEX}:{list}")];
        let search = Search { attributes, count: Some(1000), ..Search::default() };
        let users = self.list(Collection::Users, &search).unwrap();
        let users = users["Resources"].as_array().unwrap().iter();
        users.flat_map(|user| user[INDEX][list].as_array().cloned().unwrap_or_default()).collect()
    }

    fn all(&self) -> usize {
        self.domain.credentials(KEYS).len()
    }
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["Resources"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn rows_are_left_out_where_it_is_said() {
    let hide = |lists, by_id, index| Lies {
        omissions: vec![Omission { collection: KEYS, which: Which::First(5), lists, by_id, index }],
        ..Lies::default()
    };
    let open = scene(Lies::default());
    let gone = scene(hide(InLists::Hidden, true, true));
    let all = gone.all();
    assert_eq!((open.ids(1, 1000).len(), open.refs("apiKeys").len()), (all, all));
    assert_eq!(
        (gone.ids(1, 1000).len(), gone.page(1, 9)["totalResults"].as_u64()),
        (all - 5, u64::try_from(all - 5).ok())
    );
    assert_eq!(gone.refs("apiKeys").len(), all - 5);
    let hidden = open.ids(1, 1000).into_iter().find(|id| !gone.ids(1, 1000).contains(id)).unwrap();
    assert_eq!(get_one(&gone.config, &gone.eye(), KEYS, &hidden, &Search::default()).unwrap_err().0, 404);
    let counted = scene(hide(InLists::HiddenButCounted, false, false));
    assert_eq!(counted.page(1, 9)["totalResults"].as_u64(), u64::try_from(all).ok());
    assert!(get_one(&counted.config, &counted.eye(), KEYS, &hidden, &Search::default()).is_ok());
    assert_eq!(scene(hide(InLists::HiddenByFilters, false, false)).filtered("id pr").len(), all - 5);
    assert_eq!(scene(hide(InLists::HiddenByFilters, false, false)).ids(1, 1000).len(), all);
}

#[test]
fn pages_are_what_they_should_not_be() {
    let with = |lie| scene(Lies { pages: vec![(KEYS, lie)], ..Lies::default() });
    let all = with(PageLie::Cap(3)).all();
    assert_eq!(with(PageLie::Cap(3)).ids(1, 10).len(), 3);
    let short = with(PageLie::ShortFirst(2));
    assert_eq!((short.ids(1, 10).len(), short.ids(3, 10).len()), (2, 10));
    assert_eq!(with(PageLie::IgnoresStart).ids(11, 10), with(PageLie::IgnoresStart).ids(1, 10));
    assert_eq!(with(PageLie::StartIsPage).ids(2, 10), short.ids(11, 10));
    assert_eq!(with(PageLie::More(4)).ids(1, 10).len(), 14);
    assert_eq!(with(PageLie::Overlaps(1)).ids(11, 10), short.ids(10, 10));
    assert_eq!(with(PageLie::Skips(1)).ids(11, 10), short.ids(12, 10));
    assert!(with(PageLie::EmptyFrom(10)).ids(11, 10).is_empty());
    assert!(!with(PageLie::NeverEnds).ids(i64::try_from(all * 7 + 1).unwrap(), 10).is_empty());
    assert_eq!(with(PageLie::Doubled).ids(1, 2).len(), 4);
    let random = with(PageLie::Random(7));
    assert!((1..=10).contains(&random.ids(1, 10).len()));
    assert_ne!(with(PageLie::Shuffled(7)).ids(1, 1000), short.ids(1, 1000));
}

#[test]
fn totals_and_resources_have_every_form() {
    let total =
        |lie| scene(Lies { totals: vec![(KEYS, lie)], ..Lies::default() }).page(3, 4)["totalResults"].clone();
    let right = u64::try_from(scene(Lies::default()).all()).unwrap();
    assert_eq!(total(TotalLie::Less(2)), right - 2);
    assert_eq!(total(TotalLie::More(2)), right + 2);
    assert_eq!(total(TotalLie::OfPage), 4);
    assert_eq!(total(TotalLie::Growing(9)), 2 + 4 + 9);
    assert_eq!(total(TotalLie::Text), right.to_string());
    assert_eq!(total(TotalLie::Absent), Value::Null);
    assert_eq!(total(TotalLie::Negative), -1);
    assert!(total(TotalLie::Fraction).is_f64());
    let resources = |form, start| {
        let lies = Lies { resources: vec![(KEYS, form)], ..Lies::default() };
        scene(lies).page(start, 1).get("Resources").cloned()
    };
    assert_eq!(resources(ResourcesForm::Null, 1), Some(Value::Null));
    assert_eq!(resources(ResourcesForm::Absent, 1), None);
    assert_eq!(resources(ResourcesForm::Empty, 1), Some(json!([])));
    assert!(resources(ResourcesForm::NullLater, 1).unwrap().is_array());
    assert_eq!(resources(ResourcesForm::NullLater, 2), Some(Value::Null));
    assert!(resources(ResourcesForm::BareWhereOne, 1).unwrap().is_object());
}

#[test]
fn the_index_lacks_and_invents() {
    let with = |lie| scene(Lies { index: vec![lie], ..Lies::default() });
    let all = scene(Lies::default()).all();
    let lacking = with(IndexLie::Lacks(KEYS, Which::All));
    assert!(lacking.refs("apiKeys").is_empty());
    assert!(!lacking.refs("authTokens").is_empty());
    assert_eq!(with(IndexLie::Invents(KEYS, Which::First(3))).refs("apiKeys").len(), all + 3);
    let own = Omission {
        collection: Collection::Users,
        which: Which::NotOwn,
        lists: InLists::Shown,
        by_id: false,
        index: true,
    };
    assert_eq!(scene(Lies { omissions: vec![own], ..Lies::default() }).refs("apiKeys").len(), 1);
}

#[test]
fn filters_and_reads_by_id_answer_something_else() {
    let with = |lie| scene(Lies { filters: vec![(KEYS, lie)], ..Lies::default() });
    let open = scene(Lies::default());
    let owners: Vec<String> =
        open.domain.credentials(KEYS).iter().map(|row| open.domain.users[row.owner].id.to_string()).collect();
    let other = owners.iter().find(|owner| **owner != owners[0]).unwrap();
    let one = format!("user.value eq \"{}\"", owners[0]);
    let both = format!("{one} or user.value eq \"{other}\"");
    assert!(open.filtered(&both).len() > open.filtered(&one).len());
    assert_eq!(with(FilterLie::FirstTerms(1)).filtered(&both), open.filtered(&one));
    assert_eq!(with(FilterLie::Ignored).filtered(&one).len(), open.all());
    assert!(with(FilterLie::NothingPasses).filtered(&one).is_empty());
    assert_eq!(with(FilterLie::Inverted).filtered(&one).len(), open.all() - open.filtered(&one).len());
    assert_eq!(with(FilterLie::Loses(Which::First(4))).filtered("id pr").len(), open.all() - 4);
    let id = open.ids(1, 1).remove(0);
    let by_id = |how| {
        let lies =
            Lies { by_id: vec![ByIdLie { collection: KEYS, which: Which::All, how }], ..Lies::default() };
        let scene = scene(lies);
        get_one(&scene.config, &scene.eye(), KEYS, &id, &Search::default())
    };
    assert_ne!(by_id(ByIdHow::Another).unwrap()["id"], id);
    assert_eq!(by_id(ByIdHow::WithoutId).unwrap().get("id"), None);
    assert_eq!(by_id(ByIdHow::Status(403)).unwrap_err().0, 403);
}

#[test]
fn questions_are_refused_and_values_are_odd() {
    let refuse =
        |of| scene(Lies { refusals: vec![Refusal { collection: None, of, status: 501 }], ..Lies::default() });
    let ask = |scene: Scene, search: Search| scene.list(KEYS, &search).err().map(|refused| refused.0);
    let search =
        Search { sort_by: Some("id".into()), start_index: Some(2), count: Some(9), ..Search::default() };
    assert_eq!(ask(refuse(Asked::Sorting), search.clone()), Some(501));
    assert_eq!(ask(refuse(Asked::StartBeyond(1)), search.clone()), Some(501));
    assert_eq!(ask(refuse(Asked::MoreThan(8)), search.clone()), Some(501));
    assert_eq!(ask(refuse(Asked::Filter), search.clone()), None);
    assert_eq!(ask(refuse(Asked::Search), Search { posted: true, ..search }), Some(501));
    let odd =
        OddValue { collection: KEYS, attribute: "user.value", which: Which::First(1), how: Odd::Number };
    let scene = scene(Lies { values: vec![odd], ..Lies::default() });
    let page = scene.page(1, 1000);
    let odd_ones =
        page["Resources"].as_array().unwrap().iter().filter(|row| row["user"]["value"].is_number());
    assert_eq!(odd_ones.count(), 1);
}

#[test]
fn changes_keep_truth_and_index_in_step() {
    let mut scene = scene(Lies::default());
    let (all, users) = (scene.all(), scene.domain.users.len());
    let now = scene.config.now;
    scene.domain.change(What::Slip(KEYS, 2), now);
    assert_eq!((scene.all(), scene.refs("apiKeys").len(), scene.domain.departed().len()), (all, all, 2));
    scene.domain.change(What::InsertFirst(Collection::Users, 1), now);
    assert_eq!(scene.domain.users.len(), users + 1);
    assert_eq!(scene.refs("apiKeys").len(), all, "credentials keep their owners");
    let Change { what, .. } = Change { counted: None, at: 1, what: What::DeleteLast(Collection::Users, 3) };
    scene.domain.change(what, now);
    assert_eq!(scene.refs("apiKeys").len(), scene.all());
    let before = scene.all();
    scene.domain.change(What::Orphan(5), now);
    assert_eq!(scene.all(), before, "what gone users had stays");
    assert!(scene.refs("apiKeys").len() < before);
}
