use proptest::prelude::*;

use super::*;

const USERS: &str = "/admin/v1/Users";
const KEYS: &str = "/admin/v1/ApiKeys";

fn failure(place: &str, began: Instant) -> Failed<'_> {
    Failed { place, began, cause: "no connection", status: None, reached: false, asked: None }
}

fn is_open(circuit: &Circuit, place: &str, now: Instant) -> bool {
    matches!(circuit.verdict(place, now), Verdict::Open(_))
}

/// Lets requests fail that each take `latency`, as fast as the breaker lets them; how many, and how long it took.
async fn until_given_up(breaker: &Breaker, latency: Duration, at_once: usize) -> (usize, Duration) {
    let start = Instant::now();
    let sent = std::cell::Cell::new(0);
    let one = async |number: usize| {
        let place = if number.is_multiple_of(2) { USERS } else { KEYS };
        while let Ok(pass) = breaker.enter(place).await {
            let began = Instant::now();
            sent.set(sent.get() + 1);
            tokio::time::sleep(latency).await;
            breaker.failed(&failure(place, began));
            drop(pass);
            tokio::time::sleep(FIRST_PROBE).await;
        }
    };
    futures::future::join_all((0..at_once).map(one)).await;
    (sent.get(), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_never_answered_is_given_up_after_a_handful_of_requests() {
    for (latency, at_once, most_requests, most_seconds) in
        [(5, 7, 14, 9), (5, 1, 12, 11), (10_000, 7, 10, 25), (10_000, 1, 4, 45), (30_000, 7, 10, 70)]
    {
        let breaker = Breaker::default();
        let (sent, took) = until_given_up(&breaker, Duration::from_millis(latency), at_once).await;
        assert!(sent <= most_requests, "{sent} requests of {latency} ms, {at_once} at once");
        assert!(took <= Duration::from_secs(most_seconds), "{took:?} for {latency} ms, {at_once} at once");
        assert!(took >= Duration::from_secs(5), "an outage of some seconds is lived through");
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_answered_gets_more_time_and_is_given_up_too() {
    let breaker = Breaker::default();
    breaker.answered(USERS);
    let (sent, took) = until_given_up(&breaker, Duration::from_millis(5), 8).await;
    assert!((15..=24).contains(&sent), "{sent}");
    assert!((15..=45).contains(&took.as_secs()), "{took:?}");
    let error = breaker.enter(USERS).await.unwrap_err();
    assert_eq!(error.unavailability(), Some(Unavailability::Silent));
    assert!(error.to_string().contains("no connection"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_back_is_noticed_by_one_request() {
    let breaker = Breaker::default();
    until_given_up(&breaker, Duration::from_millis(5), 7).await;
    assert!(breaker.enter(KEYS).await.is_err());
    tokio::time::sleep(CLOSED_FOR).await;
    let pass = breaker.enter(KEYS).await.unwrap();
    assert!(pass.is_some(), "alone");
    breaker.answered(KEYS);
    drop(pass);
    assert!(breaker.enter(USERS).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_resets_costs_nothing_but_a_pause() {
    let breaker = Breaker::default();
    breaker.answered(USERS);
    for place in [USERS, KEYS].into_iter().cycle().take(64) {
        breaker.failed(&failure(place, Instant::now()));
    }
    let begin = Instant::now();
    let pass = breaker.enter(USERS).await.unwrap();
    assert!(pass.is_some() && begin.elapsed() <= LONGEST_PROBE);
    breaker.answered(USERS);
    drop(pass);
    assert!(breaker.enter(KEYS).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn one_collection_alone_does_not_put_the_domain_in_doubt() {
    let breaker = Breaker::default();
    breaker.answered(USERS);
    for _ in 0..100 {
        breaker.failed(&failure(KEYS, Instant::now()));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(breaker.enter(USERS).await.unwrap().is_none());
    for _ in 0..GIVEN_UP {
        assert!(breaker.enter(KEYS).await.unwrap().is_none());
        breaker.gave_up(KEYS);
    }
    assert!(breaker.enter(KEYS).await.is_err(), "it is given up by itself");
    assert!(breaker.enter(USERS).await.is_ok());
    breaker.answered(KEYS);
    assert!(breaker.enter(KEYS).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_asks_for_time_gets_it_but_not_for_ever() {
    let breaker = Breaker::default();
    let begin = Instant::now();
    let mut rounds = 0;
    while let Ok(pass) = breaker.enter(USERS).await {
        let asked = Some(Duration::from_secs(10));
        breaker.failed(&Failed { status: Some(503), asked, ..failure(USERS, Instant::now()) });
        drop(pass);
        tokio::time::sleep(Duration::from_secs(10)).await;
        rounds += 1;
    }
    assert!((6..=12).contains(&rounds), "{rounds}");
    assert!(begin.elapsed() <= Duration::from_mins(2), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_asks_for_hours_keeps_nobody_waiting() {
    let breaker = Breaker::default();
    let begin = Instant::now();
    while let Ok(pass) = breaker.enter(USERS).await {
        let asked = Some(Duration::from_hours(1));
        breaker.failed(&Failed { status: Some(503), asked, ..failure(USERS, Instant::now()) });
        drop(pass);
    }
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    for wait in [Duration::from_hours(1), Duration::MAX] {
        let breaker = Breaker::default();
        breaker.close_for("too fast", wait);
        let error = breaker.enter(USERS).await.unwrap_err();
        assert_eq!((error.unavailability(), error.status()), (Some(Unavailability::Wait), Some(429)));
    }
}

proptest! {
    /// As long as one of fifteen requests is answered, whichever, a domain that answered before is not given up.
    #[test]
    fn a_flaky_domain_is_not_given_up(
        streaks in prop::collection::vec(0_usize..15, 1..100),
        latencies in prop::collection::vec(1_u64..700, 1..40),
    ) {
        let (mut circuit, mut now) = (Circuit::default(), Instant::now());
        circuit.answered(USERS);
        let mut latencies = latencies.iter().cycle();
        for streak in streaks {
            for number in 0..=streak {
                let place = if number.is_multiple_of(2) { USERS } else { KEYS };
                match circuit.verdict(place, now) {
                    Verdict::Doubt(at) => now = now.max(at),
                    Verdict::Closed => {}
                    Verdict::Open(error) => prop_assert!(false, "{error}"),
                }
                let began = now;
                now += Duration::from_millis(*latencies.next().unwrap_or(&1));
                if number < streak {
                    circuit.failed(&failure(place, began), now);
                } else {
                    circuit.answered(place);
                }
            }
        }
    }

    /// Whatever happens: nothing is given up within five seconds, or without a probe; an answer ends every doubt; and
    /// silence ends within two minutes of probing.
    #[test]
    fn doubt_ends(
        latencies in prop::collection::vec(1_u64..30_000, 1..40),
        asked in prop::collection::vec(prop::option::of(0_u64..10_000), 1..40),
        known: bool,
    ) {
        let mut circuit = Circuit::default();
        if known {
            circuit.answered(USERS);
        }
        let begin = Instant::now();
        let mut now = begin;
        let tries = latencies.iter().zip(asked.iter().cycle()).cycle();
        for (number, (latency, asked)) in tries.take(400).enumerate() {
            let place = if number % 2 == 0 { USERS } else { KEYS };
            match circuit.verdict(place, now) {
                Verdict::Open(_) => break,
                Verdict::Doubt(at) => now = now.max(at),
                Verdict::Closed => {}
            }
            let began = now;
            now += Duration::from_millis(*latency);
            let asked = asked.map(Duration::from_secs);
            circuit.failed(&Failed { asked, ..failure(place, began) }, now);
            if is_open(&circuit, place, now) {
                prop_assert!(now.duration_since(begin) >= Duration::from_secs(5));
                prop_assert!(circuit.probes > 0);
            }
        }
        prop_assert!(is_open(&circuit, USERS, now), "{circuit:?}");
        prop_assert!(now.duration_since(begin) <= Duration::from_mins(8));
        circuit.answered(USERS);
        prop_assert!(matches!(circuit.verdict(USERS, now), Verdict::Closed));
    }
}
