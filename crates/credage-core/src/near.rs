//! Names that somebody may have meant.

/// How many are suggested.
const MOST: usize = 3;

/// The names that come closest to what was written, without its wildcards: those that contain it or differ from it by a few
/// letters. None where nothing comes close.
pub fn closest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let written = written.to_lowercase().replace(['*', '?'], "");
    let written = written.trim();
    if written.is_empty() {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> =
        names.into_iter().filter_map(|name| Some((distance(written, name)?, name))).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// How far a name is from what was written; nothing where it is too far to be meant.
fn distance(written: &str, name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let allowed = 1 + written.len() / 4;
    // People write the part of an address before the @, too.
    let local = name.split('@').next().unwrap_or_default();
    let letters = |name: &str| {
        // Counting letters is cheap, and most names of a large tenancy differ by more than that already.
        let far = name.len().abs_diff(written.len()) > allowed;
        (!far).then(|| strsim::damerau_levenshtein(written, name))
    };
    let typed = [letters(&name), letters(local)].into_iter().flatten().min().filter(|far| *far <= allowed);
    let contains = (written.len() >= 2 && name.contains(written)).then_some(allowed);
    typed.or(contains)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn what_was_meant_is_found_and_nothing_far_away() {
        let names = ["ada@example.com", "adam@example.com", "grace@example.com", "svc-backup"];
        assert_eq!(closest("ada@exmaple.com", names), ["ada@example.com", "adam@example.com"]);
        assert_eq!(closest("graec", names), ["grace@example.com"]);
        assert_eq!(closest("svc-bakup*", names), ["svc-backup"]);
        assert_eq!(closest("backup", names), ["svc-backup"]);
        assert!(closest("nobody-of-this-name", names).is_empty());
        assert!(closest(" * ", names).is_empty());
    }
}
