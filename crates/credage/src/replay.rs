//! `--save` and `--from`: an inventory kept in a file, and assessed again.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use credage_core::domain::tell_apart;
use credage_core::{Coverage, DomainInventory, Inventory, Reading};
use credage_oci::collect::Scope;
use credage_store::snapshot::{self, Archive, SnapshotError};

use crate::cli::GlobalArgs;
use crate::commands::now;
use crate::exit::Failure;
use crate::files::Access;
use crate::targets::{WhereArgs, is_meant};
use crate::{output, terminal};

/// Keeps an inventory.
pub(crate) fn save(path: &Path, inventory: &Inventory, global: &GlobalArgs) -> Result<(), Failure> {
    output::write_file(path, Access::Owner, |out| {
        snapshot::write(inventory, now(), out).map_err(|error| match error {
            SnapshotError::Io(error) => error.into(),
            other => std::io::Error::other(other).into(),
        })
    })?;
    terminal::note(&format!("inventory saved to {}", path.display()), global);
    Ok(())
}

/// Takes an inventory, as far as `scope` and `places` ask for it.
pub(crate) fn load(
    path: &Path,
    scope: &Scope,
    places: &WhereArgs,
    global: &GlobalArgs,
) -> Result<Inventory, Failure> {
    let file = File::open(path).map_err(|error| failed(path, &error.into()))?;
    let mut inventory = snapshot::read(BufReader::new(file)).map_err(|error| failed(path, &error))?;
    if let Some(at) = inventory.collected_at {
        terminal::note(&format!("assessing what was read at {at}"), global);
    }
    check_named(&inventory, places)?;
    inventory.narrowed |= scope.is_narrow() || places.is_narrow();
    inventory.domains.retain(|domain| is_asked(domain, places));
    tell_apart(inventory.domains.iter_mut().map(|domain| &mut domain.domain));
    for domain in &mut inventory.domains {
        narrow(domain, scope);
    }
    Ok(inventory)
}

/// Takes what has to do with one user or credential, without reading the rest; nothing where the file cannot tell it so, and
/// must be read as a whole.
pub(crate) fn load_about(
    path: &Path,
    text: &str,
    places: &WhereArgs,
    global: &GlobalArgs,
) -> Result<Option<Inventory>, Failure> {
    let file = File::open(path).map_err(|error| failed(path, &error.into()))?;
    let Some(mut archive) = Archive::open(file).map_err(|error| failed(path, &error))? else {
        return Ok(None);
    };
    let mut inventory = archive.about(text).map_err(|error| failed(path, &error))?;
    check_named(&inventory, places)?;
    inventory.domains.retain(|domain| is_asked(domain, places));
    tell_apart(inventory.domains.iter_mut().map(|domain| &mut domain.domain));
    let found =
        inventory.domains.iter().any(|domain| !(domain.users.is_empty() && domain.credentials.is_empty()));
    if let (true, Some(at)) = (found, inventory.collected_at) {
        terminal::note(&format!("assessing what was read at {at}"), global);
    }
    Ok(found.then_some(inventory))
}

fn failed(path: &Path, error: &SnapshotError) -> Failure {
    let hint = match error {
        // The message itself says what to do.
        SnapshotError::Newer { .. } => None,
        SnapshotError::Damaged(_) => Some("copy the file again, or save anew with --save"),
        _ => Some("give --from a file that `credage audit --save` wrote"),
    };
    let failure = Failure::usage(format!("{} cannot be assessed: {error}", path.display()));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn is_asked(domain: &DomainInventory, places: &WhereArgs) -> bool {
    let meant = |text: &String| is_meant(&domain.domain, text);
    (places.domain.is_empty() || places.domain.iter().any(meant)) && !places.exclude_domain.iter().any(meant)
}

fn check_named(inventory: &Inventory, places: &WhereArgs) -> Result<(), Failure> {
    for text in places.domain.iter().chain(&places.exclude_domain) {
        if !inventory.domains.iter().any(|domain| is_meant(&domain.domain, text)) {
            let names: Vec<&str> =
                inventory.domains.iter().map(|domain| domain.domain.name.as_str()).collect();
            return Err(Failure::usage(format!("there is no domain {text} in the file"))
                .hint(format!("the domains are: {}", names.join(", "))));
        }
    }
    Ok(())
}

/// Leaves out what was not asked for, as if it had not been read.
fn narrow(domain: &mut DomainInventory, scope: &Scope) {
    for kind in credage_core::Kind::ALL.into_iter().filter(|kind| !scope.kinds.contains(kind)) {
        if domain.readings.get(kind).coverage != Coverage::NotApplicable {
            *domain.readings.get_mut(kind) = Reading::not_applicable();
        }
    }
    domain.credentials.retain(|credential| scope.kinds.contains(&credential.kind));
}
