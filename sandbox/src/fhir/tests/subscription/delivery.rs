//! That every event reaches its endpoint: over restarts, failures and several processes.

use super::*;

/// How often an endpoint is tried.
const TRIED: usize = 8;

fn down() -> Result<u16, NotSent> {
    Err(NotSent::NoAnswer("connection refused".to_owned()))
}

#[tokio::test]
async fn an_endpoint_that_comes_back_gets_everything_in_order() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let wanted = by_topic(OBSERVATION, "id-only", &[]);
        let id = app
            .made(&with_extension(wanted, "max-count", "valuePositiveInt", 2))
            .await;
        world.turns().await;
        assert_eq!(world.endpoint.notices().len(), 1);
        for code in ["1", "2", "3"] {
            app.made(&observation("p1", code)).await;
        }
        // The first batch arrives, and then the endpoint is away.
        world.endpoint.answer([Ok(200), Ok(503), down()]);
        world.turns().await;
        let notices = world.endpoint.notices();
        let numbers: Vec<_> = notices.iter().map(Notice::numbers).collect();
        assert_eq!(numbers, [vec![1, 2], vec![3]], "{}", world.engine);
        let status = app.status_of(&id).await;
        assert_eq!(status["status"], "active");
        assert_eq!(status["error"], "the endpoint answered 503");
        // It is left alone for a while, a longer one each time, whatever happens meanwhile.
        app.made(&observation("p1", "4")).await;
        world.turns().await;
        assert!(world.endpoint.came().is_empty());
        world.later(1).await;
        assert_eq!(world.endpoint.notices()[0].numbers(), [3, 4]);
        world.later(1).await;
        assert!(world.endpoint.came().is_empty());
        world.later(1).await;
        let notices = world.endpoint.notices();
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].numbers(), [3, 4], "{}", world.engine);
        assert_eq!(notices[0].parameter("events-since-subscription-start"), "4");
        assert_eq!(app.standing(&id).await, ("active".to_owned(), None));
    }
}

#[tokio::test]
async fn an_endpoint_that_stays_away_is_given_up_and_can_be_asked_for_again() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let mut wanted = by_topic(OBSERVATION, "id-only", &[]);
        wanted["channel"]["header"] = json!(["Authorization: Bearer abc"]);
        let id = app.made(&wanted).await;
        world.turns().await;
        world.endpoint.came();
        world
            .endpoint
            .answer(std::iter::repeat_with(down).take(TRIED));
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        for _ in 0..TRIED + 4 {
            world.later(300).await;
        }
        assert_eq!(world.endpoint.came().len(), TRIED, "{}", world.engine);
        let (status, error) = app.standing(&id).await;
        assert_eq!(status, "error");
        assert_eq!(error.unwrap(), "no answer: connection refused");
        // What happens meanwhile is counted and not sent.
        app.made(&observation("p1", "2")).await;
        world.later(3600).await;
        assert!(world.endpoint.came().is_empty());
        assert_eq!(
            app.status_of(&id).await["events-since-subscription-start"],
            "2"
        );
        // The client asks again, with what it reads.
        let again = app.get(&format!("Subscription/{id}")).await.json();
        let put = app.put(&format!("Subscription/{id}"), &again).await;
        assert_eq!(put.status, 200, "{}", put.text());
        assert_eq!(put.json()["status"], "requested");
        world.turns().await;
        let came = world.endpoint.came();
        let bearer = ("Authorization".to_owned(), "Bearer abc".to_owned());
        assert!(came.iter().all(|one| one.headers.contains(&bearer)));
        let notices: Vec<_> = came.iter().map(Notice::of).collect();
        assert_eq!(notices[0].kind(), "handshake");
        assert_eq!(notices[1].numbers(), [1, 2], "{}", world.engine);
        assert_eq!(app.standing(&id).await, ("active".to_owned(), None));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_or_never_reached_is_given_up_at_once() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let private = "an address of a private network";
        for (answer, error) in [
            (Ok(410), "the endpoint answered 410"),
            (Err(NotSent::Refused(private.to_owned())), private),
        ] {
            world.endpoint.answer([answer]);
            let id = app.made(&by_topic(OBSERVATION, "empty", &[])).await;
            world.later(3600).await;
            assert_eq!(world.endpoint.came().len(), 1, "{}", world.engine);
            let standing = ("error".to_owned(), Some(error.to_owned()));
            assert_eq!(app.standing(&id).await, standing);
        }
        // A handshake that fails is tried again, and nothing is told before it.
        world.endpoint.answer([Ok(302)]);
        let id = app.made(&by_topic(OBSERVATION, "empty", &[])).await;
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        let status = app.status_of(&id).await;
        assert_eq!(status["status"], "requested");
        assert_eq!(status["error"], "the endpoint answered 302");
        world.later(1).await;
        let notices = world.endpoint.notices();
        let kinds: Vec<_> = notices.iter().map(Notice::kind).collect();
        assert_eq!(kinds, ["handshake", "handshake", "event-notification"]);
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let wanted = by_topic(OBSERVATION, "id-only", &[]);
        let id = app
            .made(&with_extension(wanted, "max-count", "valuePositiveInt", 1))
            .await;
        world.turns().await;
        for code in ["1", "2", "3"] {
            app.made(&observation("p1", code)).await;
        }
        world.endpoint.answer([Ok(200), Ok(500)]);
        world.turns().await;
        app.made(&observation("p1", "4")).await;
        world.endpoint.came();
        let world = world.restarted();
        world.later(1).await;
        let notices = world.endpoint.notices();
        let numbers: Vec<_> = notices.iter().flat_map(Notice::numbers).collect();
        assert_eq!(numbers, [2, 3, 4], "{}", world.engine);

        // A process that ended in a turn leaves a claim; its subscription waits until that is over.
        world
            .app(None, "user/*.cruds")
            .made(&observation("p1", "5"))
            .await;
        let taken = world.state.take("demo", &id).await.unwrap();
        assert!(taken.is_some());
        let world = world.restarted();
        world.later(60).await;
        assert!(world.endpoint.came().is_empty());
        world.later(60).await;
        assert_eq!(
            world.endpoint.notices()[0].numbers(),
            [5],
            "{}",
            world.engine
        );
    }
}

#[tokio::test]
async fn several_processes_tell_each_event_once() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        let (one, two) = tokio::join!(world.state.take("demo", &id), world.state.take("demo", &id));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(one.is_some() != two.is_some(), "{}", world.engine);
        let taken = one.or(two).unwrap();
        // Another process's view has not seen the subscription yet.
        let mut other = world.state.clone();
        other.overlays = super::super::super::Overlays::default();
        other.turn(world.tenant(), taken, true).await.unwrap();
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        let notices = world.endpoint.notices();
        let kinds: Vec<_> = notices.iter().map(Notice::kind).collect();
        assert_eq!(
            kinds,
            ["handshake", "event-notification"],
            "{}",
            world.engine
        );

        // Whoever's turn was overtaken keeps nothing, and the next tells it.
        app.made(&observation("p1", "2")).await;
        let late = world.state.take("demo", &id).await.unwrap().unwrap();
        world.clock.advance(Duration::from_secs(91));
        world.turns().await;
        assert_eq!(world.endpoint.notices()[0].numbers(), [2]);
        let lost = world.state.turn(world.tenant(), late, true).await;
        assert!(lost.is_err(), "{}", world.engine);
        world.turns().await;
        assert!(world.endpoint.came().is_empty());
        assert_eq!(
            app.status_of(&id).await["events-since-subscription-start"],
            "2"
        );
    }
}

#[tokio::test]
async fn a_quiet_subscription_says_that_it_is_there() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let wanted = by_topic(OBSERVATION, "id-only", &[]);
    let wanted = with_extension(wanted, "heartbeat-period", "valueUnsignedInt", 60);
    app.made(&with_extension(wanted, "timeout", "valueUnsignedInt", 7))
        .await;
    world.turns().await;
    world.later(59).await;
    let came = world.endpoint.came();
    assert_eq!(came.len(), 1);
    assert_eq!(came[0].timeout, Duration::from_secs(7));
    app.made(&observation("p1", "1")).await;
    world.turns().await;
    world.later(59).await;
    assert_eq!(
        world.endpoint.notices().len(),
        1,
        "the event was sign enough"
    );
    world.later(1).await;
    let notices = world.endpoint.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].kind(), "heartbeat");
    assert_eq!(notices[0].parameter("events-since-subscription-start"), "1");
}

#[tokio::test]
async fn nothing_is_told_after_the_end_and_while_it_is_off() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let mut wanted = by_topic(OBSERVATION, "id-only", &[]);
        wanted["end"] = json!(world.clock.now_plus(100));
        let ends = app.made(&wanted).await;
        let off = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        world.turns().await;
        world.endpoint.came();
        let mut changed = app.get(&format!("Subscription/{off}")).await.json();
        changed["status"] = json!("off");
        let path = format!("Subscription/{off}");
        assert_eq!(app.put(&path, &changed).await.status, 200);
        world.later(100).await;
        app.made(&observation("p1", "1")).await;
        world.later(100).await;
        assert!(world.endpoint.came().is_empty(), "{}", world.engine);
        for id in [&ends, &off] {
            assert_eq!(app.standing(id).await, ("off".to_owned(), None));
        }
        // What happened while it was off is not told afterwards.
        changed["status"] = json!("requested");
        assert_eq!(app.put(&path, &changed).await.status, 200);
        app.made(&observation("p1", "2")).await;
        world.turns().await;
        let notices = world.endpoint.notices();
        assert_eq!(notices.len(), 2, "{}", world.engine);
        assert_eq!(notices[1].numbers(), [1]);
        // Once it is deleted, nothing is.
        assert_eq!(app.delete(&path).await.status, 204);
        app.made(&observation("p1", "3")).await;
        world.later(100).await;
        assert!(world.endpoint.came().is_empty());
        assert_eq!(app.get(&format!("{path}/$status")).await.status, 410);
    }
}

#[tokio::test]
async fn a_reset_forgets_subscriptions() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        world.endpoint.came();
        let mut tx = world.state.database.begin().await.unwrap();
        super::super::super::clear(&mut tx, "demo").await.unwrap();
        tx.commit().await.unwrap();
        world.state.overlays.forget("demo");
        app.made(&observation("p1", "2")).await;
        world.later(3600).await;
        assert!(world.endpoint.came().is_empty());
        assert_eq!(app.get(&format!("Subscription/{id}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_copy_of_a_sandbox_tells_the_endpoints_of_the_original_nothing() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        let off = app.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        let mut changed = app.get(&format!("Subscription/{off}")).await.json();
        changed["status"] = json!("off");
        app.put(&format!("Subscription/{off}"), &changed).await;
        world.turns().await;
        world.endpoint.came();
        // As a sandbox goes back to a snapshot of itself.
        let mut tx = world.state.database.begin().await.unwrap();
        let head = super::super::super::hold(&mut tx, "demo")
            .await
            .unwrap()
            .unwrap();
        super::super::super::clear(&mut tx, "demo").await.unwrap();
        let made = (
            testing::START,
            &*testing::entropy() as &dyn foundation::Entropy,
        );
        super::super::super::go_on_from(&mut tx, "demo", head, made)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.state.overlays.forget("demo");
        app.made(&observation("p1", "1")).await;
        world.later(3600).await;
        assert!(world.endpoint.came().is_empty(), "{}", world.engine);
        let (status, error) = app.standing(&id).await;
        assert_eq!(status, "off");
        assert!(error.unwrap().contains("copy"));
        assert_eq!(app.standing(&off).await, ("off".to_owned(), None));
        // Its client may ask for it here.
        let again = app.get(&format!("Subscription/{id}")).await.json();
        assert_eq!(again["meta"]["versionId"], "3");
        let path = format!("Subscription/{id}");
        let mut again = again;
        again["status"] = json!("requested");
        assert_eq!(app.put(&path, &again).await.status, 200);
        app.made(&observation("p1", "2")).await;
        world.turns().await;
        let notices = world.endpoint.notices();
        assert_eq!(notices[1].numbers(), [1], "{}", world.engine);
        assert_eq!(app.standing(&id).await, ("active".to_owned(), None));
    }
}

trait Later {
    fn now_plus(&self, seconds: u64) -> String;
}

impl Later for ManualClock {
    fn now_plus(&self, seconds: u64) -> String {
        use foundation::Clock;
        self.now().plus(Duration::from_secs(seconds)).rfc3339()
    }
}
