//! Who signs in to the console with a password.

use crate::attributes::UserAttribute;
use crate::known::Known;
use crate::user::{Capability, User};

/// The attributes that tell.
pub(super) const SIGNS_IN: [UserAttribute; 3] =
    [UserAttribute::ConsolePassword, UserAttribute::ServiceUser, UserAttribute::Federated];

/// Whether a user signs in with a password, as far as anything says so. A missing `serviceUser` or `isFederatedUser` may mean
/// false, so such a user counts as one who does; one that cannot be read says nothing.
pub(super) fn signs_in(user: &User) -> bool {
    let no = |flag: Known<bool>, attribute| !flag.is(true) && !user.unreadable.has(attribute);
    !user.active.is(false)
        && user.console_password == Capability::Enabled
        && no(user.federated, UserAttribute::Federated)
        && no(user.service, UserAttribute::ServiceUser)
}
