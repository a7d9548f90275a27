//! Files that are written: whole or untouched, with the mode that they had, and never two in one place.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish, read};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".credage")).collect()
}

/// A tenancy whose inventory is saved, and how it is audited in its folder.
struct Saved(Tenancy);

impl Saved {
    fn new() -> Self {
        let tenancy = Tenancy::start(config());
        let saved = tenancy.path("saved").display().to_string();
        let run = tenancy.audit(&["--save", &saved]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        Self(tenancy)
    }

    fn audit(&self, args: &[&str]) -> Run {
        let mut command = credage();
        command.current_dir(self.0.dir.path()).args(["audit", "--from", "saved", "--as-of", NOW]).args(args);
        finish(command)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path(name)
    }
}

#[test]
fn a_file_keeps_its_mode_and_an_inventory_is_its_owner_s() {
    let saved = Saved::new();
    assert_eq!(mode(&saved.path("saved")), 0o600, "a new inventory");
    for kept in [0o600, 0o640, 0o664, 0o444 | 0o200] {
        for name in ["out.csv", "inventory"] {
            fs::write(saved.path(name), "old").unwrap();
            fs::set_permissions(saved.path(name), fs::Permissions::from_mode(kept)).unwrap();
        }
        let run = saved.audit(&["--write", "csv=out.csv"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let inventory = saved.path("inventory").display().to_string();
        assert_eq!(saved.0.audit(&["--save", &inventory]).code, 0);
        assert_eq!((mode(&saved.path("out.csv")), mode(&saved.path("inventory"))), (kept, kept));
        assert!(read(&saved.path("out.csv")).starts_with("domain,"));
    }
    // A new report is like any other file that the user makes.
    let shell = "umask 027 && exec \"$0\" audit --from saved --write csv=new.csv";
    let mut command = Command::new("bash");
    command.current_dir(saved.0.dir.path()).args(["-c", shell, env!("CARGO_BIN_EXE_credage")]);
    assert!(command.output().unwrap().status.success());
    assert_eq!(mode(&saved.path("new.csv")), 0o640);
    assert_eq!(leftovers(saved.0.dir.path()), [""; 0]);
}

#[test]
fn a_link_keeps_pointing_where_it_points_or_is_refused() {
    let saved = Saved::new();
    fs::create_dir(saved.path("there")).unwrap();
    fs::write(saved.path("there/real"), "old").unwrap();
    fs::set_permissions(saved.path("there/real"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("there/real", saved.path("link")).unwrap();
    let run = saved.audit(&["--write", "csv=link"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(fs::symlink_metadata(saved.path("link")).unwrap().is_symlink());
    assert!(read(&saved.path("there/real")).starts_with("domain,"));
    assert_eq!(mode(&saved.path("there/real")), 0o640);
    symlink("nowhere", saved.path("dangling")).unwrap();
    symlink("there", saved.path("folder")).unwrap();
    for (name, said) in [("dangling", "does not exist"), ("folder", "is no file"), ("there", "is no file")] {
        let run = saved.audit(&["--write", &format!("csv={name}")]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(name) && run.stderr.contains(said), "{}", run.stderr);
        assert!(!saved.path("nowhere").exists());
    }
}

#[test]
fn a_link_that_somebody_else_planted_is_not_followed() {
    let saved = Saved::new();
    let (shared, own) = (saved.path("shared"), saved.path("own"));
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    fs::write(&own, "old").unwrap();
    symlink(&own, shared.join("link")).unwrap();
    assert_eq!(saved.audit(&["--write", "csv=shared/link"]).code, 0, "our own");
    fs::write(&own, "old").unwrap();
    // Only an administrator can make a link somebody else's.
    if std::os::unix::fs::lchown(shared.join("link"), Some(12345), None).is_err() {
        return;
    }
    let run = saved.audit(&["--write", "csv=shared/link"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("symbolic link of another user"), "{}", run.stderr);
    assert_eq!(read(&own), "old");
}

#[test]
fn two_outputs_in_one_place_are_refused_before_anything_is_read() {
    let saved = Saved::new();
    fs::create_dir(saved.path("sub")).unwrap();
    for name in ["file", "credage.toml"] {
        fs::write(saved.path(name), "").unwrap();
    }
    symlink("file", saved.path("link")).unwrap();
    symlink(".", saved.path("here")).unwrap();
    fs::hard_link(saved.path("file"), saved.path("hard")).unwrap();
    let absolute = saved.path("file").display().to_string();
    for (one, two) in [
        ("new", "new"),
        ("new", "./new"),
        ("new", "sub/../new"),
        ("new", "here/new"),
        ("file", "link"),
        ("file", "hard"),
        ("link", "hard"),
        ("file", absolute.as_str()),
    ] {
        let requests = saved.0.stats().requests;
        for (first, second) in [(one, two), (two, one)] {
            let run =
                saved.audit(&["--write", &format!("csv={first}"), "--write", &format!("json={second}")]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{first} {second}: {}", run.stderr);
            assert!(run.stderr.contains("two outputs would be written to"), "{}", run.stderr);
            let mut command = saved.0.command(&["--save", first, "--write", &format!("json={second}")]);
            command.current_dir(saved.0.dir.path());
            let run = finish(command);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{first} {second}: {}", run.stderr);
        }
        assert_eq!(saved.0.stats().requests, requests);
        assert!(!saved.path("new").exists() && read(&saved.path("file")).is_empty());
    }
    let before = fs::read(saved.path("saved")).unwrap();
    symlink("saved", saved.path("input")).unwrap();
    for name in ["saved", "./saved", "input", "credage.toml", "here/credage.toml"] {
        let run = saved.audit(&["--write", &format!("csv={name}")]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("this run reads it"), "{}", run.stderr);
    }
    assert_eq!(fs::read(saved.path("saved")).unwrap(), before);
    assert_eq!(saved.audit(&["--write", "csv=one", "--write", "json=two"]).code, 0);
    let out = fs::File::create(saved.path("stdout")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command
        .current_dir(saved.0.dir.path())
        .args(["audit", "--from", "saved", "--write", "csv=stdout"])
        .stdout(out);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn what_a_killed_run_left_is_removed_and_what_another_writes_is_not() {
    let saved = Saved::new();
    let dead = saved.path(".credage-4000000000-abcdef.tmp");
    let living = saved.path(".credage-4000000000-ghijkl.tmp");
    let others = saved.path(".credage-notes.tmp");
    for path in [&dead, &living, &others] {
        fs::write(path, "half").unwrap();
    }
    let held = fs::File::open(&living).unwrap();
    held.lock().unwrap();
    let run = saved.audit(&["--write", "csv=out.csv"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!dead.exists() && living.exists() && others.exists());
    drop(held);
    assert_eq!(saved.audit(&["--write", "csv=out.csv"]).code, 0);
    assert!(!living.exists() && others.exists());
}

#[test]
fn the_demo_leaves_nothing_behind_even_where_it_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    // The folder in which processes share their pace stays, and is named after its user alone.
    let is_demo = |name: &std::ffi::OsStr| name.to_str().unwrap().matches('-').count() > 1;
    let folders = || {
        let entries = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap());
        entries.filter(|entry| is_demo(&entry.file_name())).map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let names = || folders().len();
    let mut command = Command::new(env!("CARGO_BIN_EXE_credage"));
    command.args(["audit", "--demo", "--rate-limit", "1/s,1/min"]).env("TMPDIR", dir.path());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    while names() == 0 {
        std::thread::yield_now();
    }
    let demo = || {
        finish({
            let mut command = credage();
            command.args(["audit", "--demo", "--quiet"]).env("TMPDIR", dir.path());
            command
        })
    };
    // The lock is there a moment after the folder.
    let folder = folders().remove(0);
    while !folder.join("config").exists() {
        std::thread::yield_now();
    }
    assert_eq!(demo().code, 0);
    assert!(folder.join("config").exists(), "somebody works there");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(), 1, "nobody could clean up");
    assert_eq!(demo().code, 0);
    assert_eq!(names(), 0);
}

#[test]
fn a_full_disk_is_named_and_the_old_file_untouched() {
    let saved = Saved::new();
    fs::write(saved.path("out.json"), "old").unwrap();
    // A limit of 8 blocks of 1,024 bytes for a file; its signal is ignored, so that writing fails as on a full disk.
    let shell = "trap '' XFSZ; ulimit -f 8; exec \"$0\" audit --from saved --write json=out.json";
    let mut command = Command::new("bash");
    command.current_dir(saved.0.dir.path()).args(["-c", shell, env!("CARGO_BIN_EXE_credage")]);
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("out.json could not be written: "), "{stderr}");
    assert_eq!(read(&saved.path("out.json")), "old");
    assert_eq!(leftovers(saved.0.dir.path()), [""; 0]);
}
