//! Details of users: what is asked for, and how it is read off a row.
//!
//! Names and when they are returned are those of `user.py` and its extensions in Oracle's Python SDK. What a row lacks is
//! "none" only once it is known that the domain returns it (`AttributeReadings::settle`), and what a row has in another shape
//! than it should was not read.

use credage_core::{
    AttributeSet, Capability, DateReading, Known, Mfa, Tag, User, UserAttribute, UserDetails,
};

use super::names::Names;
use crate::scim::lenient::{Date, Flag, Items, Lenient, List, Object, Text, object};

const CAPABILITIES: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User";
const USER: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:user:User";
const STATE: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userState:User";
const MFA: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:mfa:User";
const TAGS: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:OCITags";

/// The attributes that tell `details`.
pub(crate) fn attributes(details: UserDetails) -> String {
    let mut names = Vec::new();
    if details.account {
        names.extend([
            "meta".to_owned(),
            "userType".to_owned(),
            format!("{CAPABILITIES}:canUseConsolePassword"),
        ]);
        names.extend([format!("{USER}:serviceUser"), format!("{USER}:isFederatedUser")]);
    }
    if details.logins {
        names.push(format!("{STATE}:lastSuccessfulLoginDate"));
    }
    if details.mfa {
        names.push(format!("{MFA}:mfaStatus"));
    }
    if details.groups {
        names.extend(["groups".to_owned(), format!("{USER}:appRoles")]);
    }
    if details.tags {
        names.extend([format!("{TAGS}:freeformTags"), format!("{TAGS}:definedTags")]);
    }
    names.join(",")
}

/// What a row tells beside the usual.
#[derive(Debug)]
pub(crate) struct DetailsRow {
    pub(crate) meta: Object<Meta>,
    pub(crate) user_type: Text,
    pub(crate) groups: List<GroupRow>,
    pub(crate) user: Object<UserExtension>,
    pub(crate) state: Object<StateExtension>,
    pub(crate) mfa: Object<MfaExtension>,
    pub(crate) tags: Object<TagsExtension>,
}

object! {
    pub(crate) struct Meta {
        created: Date = "created",
    }
}

object! {
    pub(crate) struct GroupRow {
        display: Text = "display",
    }
}

object! {
    pub(crate) struct UserExtension {
        service_user: Flag = "serviceUser",
        is_federated_user: Flag = "isFederatedUser",
        app_roles: List<RoleRow> = "appRoles",
    }
}

object! {
    pub(crate) struct RoleRow {
        display: Text = "display",
        admin_role: Flag = "adminRole",
    }
}

object! {
    pub(crate) struct StateExtension {
        last_successful_login_date: Date = "lastSuccessfulLoginDate",
    }
}

object! {
    pub(crate) struct MfaExtension {
        mfa_status: Text = "mfaStatus",
    }
}

object! {
    pub(crate) struct TagsExtension {
        freeform_tags: List<TagRow> = "freeformTags",
        defined_tags: List<TagRow> = "definedTags",
    }
}

object! {
    pub(crate) struct TagRow {
        namespace: Text = "namespace",
        key: Text = "key",
        value: Text = "value",
    }
}

/// Notes which attributes of a row could not be read.
#[derive(Debug, Default)]
pub(crate) struct Unreadable(pub(crate) AttributeSet);

impl Unreadable {
    pub(crate) fn note(&mut self, attribute: UserAttribute, odd: bool) {
        if odd {
            self.0.insert(attribute);
        }
    }

    /// The object; where it should have been one and is not, none of its `attributes` could be read.
    pub(crate) fn open<T: Default>(&mut self, object: Object<T>, attributes: &[UserAttribute]) -> T {
        let mut odd = false;
        let opened = object.open(&mut odd);
        for attribute in attributes {
            self.note(*attribute, odd);
        }
        opened
    }

    pub(crate) fn flag(&mut self, attribute: UserAttribute, flag: Flag) -> Known<bool> {
        self.note(attribute, flag.is_odd());
        flag.get().map_or(Known::NotRead, Known::Value)
    }

    /// An instant; absent for "none", as far as that can be said.
    fn instant(&mut self, attribute: UserAttribute, date: &Date) -> Known<jiff::Timestamp> {
        match date {
            Lenient::Is(DateReading::At(at)) => Known::Value(*at),
            Lenient::Absent if !self.0.has(attribute) => Known::Nothing,
            _ => {
                self.0.insert(attribute);
                Known::NotRead
            }
        }
    }

    /// A list of what `read` makes of its members; a member that it makes nothing of could not be read.
    fn list<T, R>(
        &mut self,
        attribute: UserAttribute,
        list: List<T>,
        read: impl Fn(T) -> Member<R>,
    ) -> Known<Box<[R]>> {
        match list {
            Lenient::Is(Items { objects, odd }) => {
                self.note(attribute, odd > 0);
                let mut members = Vec::with_capacity(objects.len());
                for object in objects {
                    match read(object) {
                        Member::Is(member) => members.push(member),
                        Member::LeftOut => {}
                        Member::Odd => self.0.insert(attribute),
                    }
                }
                Known::Value(members.into())
            }
            Lenient::Absent if !self.0.has(attribute) => Known::Nothing,
            _ => {
                self.0.insert(attribute);
                Known::NotRead
            }
        }
    }
}

/// A member of a list.
enum Member<R> {
    Is(R),
    LeftOut,
    Odd,
}

impl<R> From<Option<R>> for Member<R> {
    fn from(read: Option<R>) -> Self {
        read.map_or(Self::Odd, Self::Is)
    }
}

impl DetailsRow {
    /// Puts what it tells into a user.
    pub(crate) fn complete(self, user: User, mut odd: Unreadable, names: &Names) -> User {
        use UserAttribute as A;
        let extension = odd.open(self.user, &[A::ServiceUser, A::Federated, A::Roles]);
        let meta = odd.open(self.meta, &[A::Created]);
        let state = odd.open(self.state, &[A::LastLogin]);
        let mfa = odd.open(self.mfa, &[A::Mfa]);
        odd.note(A::UserType, self.user_type.is_odd());
        let share = |text: Text| text.get().map(|name| names.share(&name));
        let role = |role: RoleRow| match (role.admin_role, share(role.display)) {
            (Lenient::Is(true), name) => name.into(),
            (Lenient::Odd, _) => Member::Odd,
            // Roles without the flag give no power over the domain.
            _ => Member::LeftOut,
        };
        let mut user = User {
            created: odd.instant(A::Created, &meta.created),
            last_login: odd.instant(A::LastLogin, &state.last_successful_login_date),
            mfa: status(&mfa.mfa_status, &mut odd),
            service: odd.flag(A::ServiceUser, extension.service_user),
            federated: odd.flag(A::Federated, extension.is_federated_user),
            user_type: match self.user_type {
                Lenient::Is(text) => Known::Value(names.share(&text)),
                Lenient::Absent => Known::Nothing,
                Lenient::Odd => Known::NotRead,
            },
            groups: odd.list(A::Groups, self.groups, |group| share(group.display).into()),
            roles: odd.list(A::Roles, extension.app_roles, role),
            tags: tags(self.tags, &mut odd, names),
            ..user
        };
        user.unreadable = odd.0;
        user
    }
}

fn tags(extension: Object<TagsExtension>, odd: &mut Unreadable, names: &Names) -> Known<Box<[Tag]>> {
    let extension = odd.open(extension, &[UserAttribute::Tags]);
    let read = |row: TagRow| {
        if row.namespace.is_odd() {
            return Member::Odd;
        }
        let key = match (row.namespace.get(), row.key.get()) {
            (Some(namespace), Some(key)) => Some(names.share(&format!("{namespace}.{key}"))),
            (None, Some(key)) => Some(names.share(&key)),
            (_, None) => None,
        };
        let value = row.value.get().map(|value| names.share(&value));
        key.zip(value).map(|(key, value)| Tag { key, value }).into()
    };
    let lists = [extension.freeform_tags, extension.defined_tags];
    let mut all = Known::Nothing;
    for list in lists {
        let list = odd.list(UserAttribute::Tags, list, read);
        all = match (all, list) {
            (Known::Value(some), Known::Value(more)) => Known::Value(some.into_iter().chain(more).collect()),
            (Known::Value(some), _) | (_, Known::Value(some)) => Known::Value(some),
            (Known::NotRead, _) | (_, Known::NotRead) => Known::NotRead,
            (Known::Nothing, Known::Nothing) => Known::Nothing,
        };
    }
    all
}

fn status(text: &Text, odd: &mut Unreadable) -> Mfa {
    match text.as_ref().map(|text| text.to_ascii_uppercase()).as_deref() {
        Some("ENROLLED") => Mfa::Enrolled,
        Some("UN_ENROLLED" | "IGNORED" | "DISABLED") => Mfa::NotEnrolled,
        unknown => {
            odd.note(UserAttribute::Mfa, unknown.is_some() || text.is_odd());
            Mfa::Unknown
        }
    }
}

/// The capability that a flag says.
pub(crate) fn capability(flag: Known<bool>) -> Capability {
    flag.flag().into()
}
