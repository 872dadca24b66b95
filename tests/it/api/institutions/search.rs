//! The operators' search.

use serde_json::{Value, json};
use stoa_core::staff::StaffRole;

use crate::support::{TestHouse, callers::Caller};

const ALL: &str = "/api/institutions";

/// Adds institutions as rows, without anybody in them.
fn many(house: &TestHouse, count: usize) {
    house.database.run(&format!(
        "INSERT INTO institutions (tenant_id, name, slug, external_id, status, plan, region, created_at, updated_at)
         SELECT ('0190a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'School ' || n || ' of Saint-' || n % 7, 'school-' || n,
           'crm-' || n, CASE n % 3 WHEN 0 THEN 'trial' ELSE 'active' END, 'plan ' || n % 5, CASE WHEN n % 2 = 0 THEN 'eu' END,
           '2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z'
         FROM generate_series(1, {count}) n"
    ));
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("{ALL}?per_page=100&{query}")).await.data();
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn finds_by_words_and_by_where_they_stand() {
    let house = TestHouse::new().await;
    many(&house, 60);
    let operator = house.staff("olga", StaffRole::Operator).await;
    assert_eq!(names(&operator, "q=school%2042").await, ["School 42 of Saint-0"]);
    assert_eq!(
        names(&operator, "q=SAINT%20scho%2059").await,
        ["School 59 of Saint-3"],
        "every word, from its beginning"
    );
    assert_eq!(names(&operator, "q=crm-7").await, ["School 7 of Saint-0"]);
    assert_eq!(names(&operator, "q=lyc").await, ["Lyceum"]);
    assert_eq!(names(&operator, "q=ool").await, [""; 0], "not from within a word");
    assert_eq!(
        names(&operator, "q=%27%29%20%7C%20%21").await,
        [""; 0],
        "what PostgreSQL would read as more than words"
    );
    assert_eq!(names(&operator, "external_id=crm-12").await, ["School 12 of Saint-5"]);
    assert_eq!(names(&operator, "status=trial").await.len(), 20);
    assert_eq!(names(&operator, "plan=plan%204&region=eu&status=trial").await.len(), 2);
    assert_eq!(names(&operator, "status=closed").await, [""; 0]);
    assert_eq!(operator.get(&format!("{ALL}?status=gone")).await.refusal().2, ["?status"]);
    assert_eq!(operator.get(&format!("{ALL}?cursor=x")).await.refusal().2, ["?cursor"]);
}

#[actix_web::test]
async fn pages_and_windows_meet() {
    let house = TestHouse::new().await;
    many(&house, 1_010);
    let operator = house.staff("olga", StaffRole::Operator).await;
    let first = operator.get(&format!("{ALL}?per_page=100")).await.json();
    assert_eq!((&first["meta"]["total"], &first["meta"]["total_is_estimate"]), (&json!(1_000), &json!(true)));
    let mut seen: Vec<Value> = Vec::new();
    let mut path = format!("{ALL}?per_page=100");
    loop {
        let page = operator.get(&path).await.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        let Some(next) = page["links"]["next"].as_str() else { break };
        path = next.split_once("/api/").map(|(_, rest)| format!("/api/{rest}")).unwrap();
    }
    let distinct: std::collections::HashSet<String> = seen.iter().map(ToString::to_string).collect();
    assert_eq!((seen.len(), distinct.len()), (1_012, 1_012));
}

#[actix_web::test]
async fn tells_how_each_does() {
    let house = TestHouse::new().await;
    let hook = json!({ "url": house.receivers.at("https://lms.example/hooks").url(), "events": ["*"] });
    let hook = house.admin().post("/api/integrations/webhooks", hook).await.data();
    house.course("spanish", &[]).await;
    let operator = house.staff("olga", StaffRole::Operator).await;
    let home = |list: Value| list[0]["operations"].clone();
    let found = home(operator.get(&format!("{ALL}?external_id=home")).await.data());
    let usage = &found["usage"];
    assert_eq!((&usage["members_active"], &usage["courses"], &usage["webhooks"]), (&json!(4), &json!(1), &json!(1)));
    assert_eq!((&usage["is_estimate"], &found["health"]["ok"]), (&json!(false), &json!(true)));
    assert!(usage["last_event_at"].is_string());
    house.database.run(&format!(
        "UPDATE webhooks SET failing_since = now() WHERE secret_hint = '{}'",
        hook["secret_hint"].as_str().unwrap_or_default()
    ));
    let found = home(operator.get(&format!("{ALL}?external_id=home")).await.data());
    assert_eq!((&found["health"]["ok"], &found["health"]["webhooks_failing"]), (&json!(false), &json!(1)));
    house.settle().await;
}

/// Each filter by its index, however many institutions there are.
#[actix_web::test]
async fn nothing_is_read_through() {
    let house = TestHouse::new().await;
    many(&house, 20_000);
    house.database.run("ANALYZE institutions");
    house.database.run(
        "CREATE FUNCTION explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS
         $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$",
    );
    let words = "to_tsvector('simple'::regconfig, regexp_replace(lower(i.name || ' ' || i.slug || ' ' || coalesce(i.external_id, '')), \
                 '[^[:alnum:]]+', ' ', 'g')) @@ to_tsquery('simple'::regconfig, 'school:* & 17123:*')";
    for (filter, index) in [
        (words, "institutions_search"),
        ("i.plan = 'plan 3'", "institutions_by_plan"),
        ("i.region = 'apac'", "institutions_by_region"),
        ("i.status = 'suspended'", "institutions_by_status"),
        ("i.external_id = 'crm-5'", "institutions_external_id_key"),
    ] {
        let plan = house.database.value(&format!(
            "SELECT string_agg(line, ' ') FROM explain($$SELECT i.tenant_id FROM institutions i WHERE {filter} ORDER BY i.tenant_id DESC LIMIT 1001$$) AS line"
        ));
        let plan = plan.to_string();
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{filter}: {plan}");
    }
}
