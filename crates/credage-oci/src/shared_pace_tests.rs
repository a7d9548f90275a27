use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn env(runtime: &Path) -> Environment {
    let pair = ("XDG_RUNTIME_DIR".to_owned(), runtime.to_str().unwrap().to_owned());
    Environment::new(std::iter::once(pair).collect(), None)
}

fn clock(millis: i64) -> Clock {
    Arc::new(move || Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap())
}

fn pace(folder: &PaceFolder, millis: i64) -> SharedPace {
    let endpoint = "https://domain.example".parse().unwrap();
    SharedPace::new(folder, &endpoint, Duration::from_secs(30), clock(millis))
}

fn folder() -> (tempfile::TempDir, PaceFolder) {
    let dir = tempfile::tempdir().unwrap();
    let found = PaceFolder::find(&env(dir.path())).unwrap();
    assert_eq!(&*found.0, dir.path().join("credage"));
    (dir, found)
}

/// Whether a place is free at once.
async fn is_free(pace: &SharedPace) -> Option<bool> {
    let next = pace.next.fetch_add(1, Ordering::Relaxed);
    let take = move |usage: &mut Usage, now| usage.take(next, now, Duration::from_secs(30), 2, 2);
    pace.with_usage(take).await.map(|taken| taken.is_ok())
}

#[tokio::test]
async fn two_that_never_met_count_each_other_s_requests() {
    let (_dir, folder) = folder();
    let (one, other) = (pace(&folder, 0), pace(&folder, 10));
    let place = one.take(2, 2, &AtomicBool::new(false)).await.unwrap();
    other.take(2, 2, &AtomicBool::new(false)).await.unwrap();
    assert_eq!(is_free(&other).await, Some(false));
    assert_eq!(is_free(&one).await, Some(false));
    one.give_back(place).await;
    assert_eq!(is_free(&pace(&folder, 900)).await, Some(false));
    assert_eq!(is_free(&pace(&folder, 60_001)).await, Some(true));
}

#[tokio::test]
async fn another_domain_has_its_own_budget() {
    let (_dir, folder) = folder();
    let here = pace(&folder, 0);
    for _ in 0..2 {
        assert_eq!(is_free(&here).await, Some(true));
    }
    let endpoint = "https://other.example".parse().unwrap();
    let there = SharedPace::new(&folder, &endpoint, Duration::from_secs(30), clock(0));
    assert_eq!(is_free(&there).await, Some(true));
}

#[tokio::test]
async fn a_damaged_file_counts_as_empty_and_is_written_again() {
    let (dir, folder) = folder();
    let pace = pace(&folder, 0);
    for damage in [&b""[..], b"credpac1", b"\0\xff\0", &[b'x'; 9000]] {
        let files: Vec<_> = fs::read_dir(dir.path().join("credage")).unwrap().collect();
        for file in files {
            fs::write(file.unwrap().path(), damage).unwrap();
        }
        assert_eq!(
            [is_free(&pace).await, is_free(&pace).await, is_free(&pace).await],
            [Some(true), Some(true), Some(false)]
        );
    }
}

#[tokio::test]
async fn a_lock_that_is_never_released_is_not_waited_for() {
    let (_dir, folder) = folder();
    let pace = pace(&folder, 0);
    assert_eq!(is_free(&pace).await, Some(true));
    let file = open(&pace.path).unwrap();
    file.lock().unwrap();
    tokio::time::pause();
    assert_eq!(pace.take(2, 2, &AtomicBool::new(false)).await, None, "alone from now on");
    drop(file);
    assert_eq!(is_free(&pace).await, None);
}

#[test]
fn a_folder_that_others_may_use_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("credage");
    let is_ours = || PaceFolder::find(&env(dir.path())).is_some_and(|found| *found.0 == *path);
    fs::write(&path, "").unwrap();
    assert!(!is_ours(), "a file");
    fs::remove_file(&path).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), &path).unwrap();
    assert!(!is_ours(), "a link");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(!is_ours(), "open to others");
    fs::remove_dir(&path).unwrap();
    assert!(is_ours());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_link_in_the_place_of_the_file_is_not_followed() {
    let (dir, folder) = folder();
    let pace = pace(&folder, 0);
    let target = dir.path().join("target");
    symlink(&target, &pace.path).unwrap();
    assert_eq!(pace.take(2, 2, &AtomicBool::new(false)).await, None);
    assert!(!target.exists());
}
