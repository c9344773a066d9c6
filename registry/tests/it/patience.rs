//! What was decided is carried out, however long that has to wait and whatever becomes of its order.

use std::time::Duration;

use sea_query::{Alias, Expr, ExprTrait, Query};
use serde_json::json;

use crate::support::{World, worlds};

const APP: &str = "no.eksempel.app";

async fn suspend(world: &World, path: &str) {
    let body = json!({"action": "suspend", "reason": "Feil enhet."});
    let path = format!("{path}/status");
    world.post("security", &path, body).await.expect(202);
}

/// Long enough for a dozen runs of whatever is tried at least every minute.
async fn wait(world: &World) {
    for _ in 0..12 {
        world.work().await;
        world.clock.advance(Duration::from_mins(1));
    }
}

/// Gives up whatever waits, as a process of before would have.
async fn give_up(world: &World, kind: &str) {
    let mut tx = world.database.database.begin().await.unwrap();
    let column = |name| Expr::col(Alias::new(name));
    let update = Query::update()
        .table(Alias::new("foundation_job"))
        .value(Alias::new("state"), "failed")
        .and_where(column("state").eq("waiting"))
        .and_where(column("kind").eq(kind))
        .to_owned();
    assert_eq!(tx.execute(&update).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_suspension_outlasts_a_frozen_log() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let log = world.registry.log();
        let last = log.freeze().await.unwrap();
        suspend(&world, &path).await;
        wait(&world).await;
        assert_eq!(world.state(&path).await, "approved", "{}", world.engine);
        log.start(&last.origin, None).await.unwrap();
        // Seconds later, without anybody's doing, and although no witness knows the new log yet.
        world.clock.advance(Duration::from_secs(10));
        world.work().await;
        assert_eq!(world.state(&path).await, "suspended");
    }
}

#[tokio::test]
async fn a_decision_whose_order_was_given_up_is_carried_out_all_the_same() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        suspend(&world, &path).await;
        give_up(&world, "registry.status").await;
        // By the refresh of the next five minutes.
        world.clock.advance(Duration::from_mins(5));
        world.work().await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);

        // And at the next start.
        let next = world.submitted("no.eksempel.ny", "Ny").await;
        for role in ["security", "clinical"] {
            let review = json!({"decision": "approve", "role": role});
            let reply = world.post(role, &format!("{next}/reviews"), review).await;
            reply.expect(201);
        }
        give_up(&world, "registry.approve").await;
        let world = Box::pin(world.restarted()).await;
        world.work().await;
        assert_eq!(world.state(&next).await, "approved");
    }
}
