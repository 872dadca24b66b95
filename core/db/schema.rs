// @generated automatically by Diesel CLI.

diesel::table! {
    /// One try of a delivery
    attempts (tenant_id, delivery_id, attempt) {
        /// The institution
        tenant_id -> Uuid,
        /// The delivery
        delivery_id -> Uuid,
        /// From 1; a redelivery counts on
        attempt -> Int4,
        /// When the request began
        started_at -> Timestamptz,
        /// Until the verdict
        duration_ms -> Int4,
        /// Of the answer; none if there was none
        http_status -> Nullable<Int4>,
        /// Class of the failure in a word; none when received
        error -> Nullable<Text>,
        /// First KiB of the answer
        response -> Nullable<Text>,
        /// Address that was connected to
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// What is learned
    courses (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as crs_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Readable part of public addresses
        slug -> Text,
        /// Shown to people
        title -> Text,
        /// One paragraph, plain text
        summary -> Text,
        /// BCP 47 tag of what is taught
        language -> Text,
        /// Level at the start, Pre-A1 to C2
        cefr_from -> Nullable<Text>,
        /// Level at the end, Pre-A1 to C2
        cefr_to -> Nullable<Text>,
        /// Free word of the institution
        category -> Nullable<Text>,
        /// Picture; none if there is none
        cover_url -> Nullable<Text>,
        /// Only published courses are in the public catalogue
        status -> Text,
        /// Who wrote it
        author_id -> Nullable<Uuid>,
        /// Who was asked to review it
        reviewer_id -> Nullable<Uuid>,
        /// First time it was submitted for review
        submitted_at -> Nullable<Timestamptz>,
        /// Courses to be completed before
        prerequisite_ids -> Array<Nullable<Uuid>>,
        /// Who teaches it
        instructor_ids -> Array<Nullable<Uuid>>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone: gone for everybody, kept for the record
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Passwords of those who sign in with one
    credentials (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Argon2id in PHC string form
        password_hash -> Text,
        /// When the password was last set
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// One event owed to one receiver
    deliveries (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as dlv_…
        id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its type
        event_type -> Text,
        /// Its object
        object_id -> Uuid,
        /// Which payload is sent
        rendering -> Text,
        /// Address at the time of the event
        url -> Text,
        /// First announcement of its object: attempted before any other of it
        opens -> Bool,
        /// Asked for by a person, not caused by an event
        test -> Bool,
        /// No index mentions it, so that the usual change to succeeded stays on its page
        status -> Text,
        /// Attempts so far
        attempts -> Int4,
        /// Attempts before the present retry window: a redelivery begins a new one
        attempts_before -> Int4,
        /// Request that caused the event
        request_id -> Nullable<Text>,
        /// When it was owed
        created_at -> Timestamptz,
        /// Start of the first attempt: the retry window counts from here
        first_attempt_at -> Nullable<Timestamptz>,
        /// When the next attempt is due; none if none is
        next_attempt_at -> Nullable<Timestamptz>,
        /// When it succeeded, was exhausted or cancelled
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Who is on which course
    enrolments (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as enr_…
        id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// A removed enrolment refuses activity and keeps its record
        status -> Text,
        /// Who enrolled the learner; none when an event did
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        enrolled_at -> Timestamptz,
        /// When the course should be done
        due_at -> Nullable<Timestamptz>,
        /// First completion; never moves
        completed_at -> Nullable<Timestamptz>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What happened, past tense; written with the change that it tells of
    events (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as evt_…; the same over every retry and dialect
        id -> Uuid,
        /// Name in the catalogue
        #[sql_name = "type"]
        type_ -> Text,
        /// What it is about; order is kept for one object
        object_kind -> Text,
        /// Which one
        object_id -> Uuid,
        /// Of the object, as it was after the change
        revision -> Int4,
        /// Course, lesson and item that a subscription may be limited to
        scope_ids -> Array<Nullable<Uuid>>,
        /// Neutral payload, frozen; every dialect is rendered from it
        data -> Jsonb,
        /// Request that caused it
        request_id -> Nullable<Text>,
        /// When it happened
        occurred_at -> Timestamptz,
        /// When it was recorded
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// The customers. The id of an institution is the tenant id of everything that it owns
    institutions (tenant_id) {
        /// The institution itself, shown as inst_…
        tenant_id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// Shown to people
        name -> Text,
        /// The operator's own key for the customer
        external_id -> Nullable<Text>,
        /// BCP 47 tag, default of the institution's letters
        locale -> Text,
        /// IANA zone, default of civil dates
        time_zone -> Text,
        /// Life of the contract
        status -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Parts of a course; Teachbase calls them sections
    lessons (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as lsn_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The course
        course_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// Free word: lesson, webinar, exam
        kind -> Text,
        /// Order within the course, from 1
        position -> Int4,
        /// Counts towards the course's progress
        required -> Bool,
        /// Share in the course's progress
        weight -> Int4,
        /// Estimated
        duration_minutes -> Nullable<Int4>,
        /// Skills that it trains
        skills -> Array<Nullable<Text>>,
        /// Level, Pre-A1 to C2
        cefr -> Nullable<Text>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What a person is in an institution
    memberships (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Decides the abilities of the person's sessions
        role -> Text,
        /// Only active members sign in
        status -> Text,
        /// When the person joined
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Events that the relay still owes; a row goes in the transaction that writes the deliveries. Small and ever changing, so it is vacuumed by count
    outbox (tenant_id, event_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its object, for the order of created before updated
        object_id -> Uuid,
        /// From when any node may take it; the node that recorded it takes it at once
        relay_after -> Timestamptz,
    }
}

diesel::table! {
    /// Queues that an operator has stopped, on every node
    paused_queues (queue) {
        /// The queue
        queue -> Text,
        /// Why, by whoever paused it
        reason -> Text,
        /// Since when
        paused_at -> Timestamptz,
    }
}

diesel::table! {
    /// Bodies as sent, once for each event and rendering, so that a retry sends the same bytes
    payloads (tenant_id, event_id, rendering) {
        /// The institution
        tenant_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Dialect, and the webhook where its id is inside the body
        rendering -> Text,
        /// The bytes
        body -> Bytea,
    }
}

diesel::table! {
    /// Learners' activity as it came in; the key makes an event count once, for ever
    progress_events (tenant_id, client_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The sender's own id of the event, at most 128 characters
        client_id -> Text,
        /// The learner
        user_id -> Uuid,
        /// What was acted on
        object_kind -> Text,
        /// Which one
        object_id -> Uuid,
        /// What was done
        verb -> Text,
        /// As it was given
        result -> Nullable<Jsonb>,
        /// Events that it caused, told again to whoever sends it twice
        event_ids -> Array<Nullable<Uuid>>,
        /// When it happened, by the sender
        occurred_at -> Timestamptz,
        /// When it was accepted
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// Promises: work that must eventually happen. A finished job leaves; its outcome is a fact elsewhere
    queue_jobs (tenant_id, id) {
        /// The institution; the nil uuid for the house's own work
        tenant_id -> Uuid,
        /// Shown as job_…
        id -> Uuid,
        /// Queue that a worker serves
        queue -> Text,
        /// Name of the job in the registry
        name -> Text,
        /// Its arguments
        payload -> Jsonb,
        /// At most one available job of this name and key
        unique_key -> Nullable<Text>,
        /// Available, running under a lease, or discarded after its last attempt
        state -> Text,
        /// Times that it was started
        attempts -> Int4,
        /// Not before
        run_at -> Timestamptz,
        /// Process that runs it, an id made at its start
        locked_by -> Nullable<Uuid>,
        /// Until when that process is believed
        lease_until -> Nullable<Timestamptz>,
        /// Why the last attempt failed
        last_error -> Nullable<Text>,
        /// Request that caused it
        request_id -> Nullable<Text>,
        /// When it was promised
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Failed sign-ins in a window, by account and by address
    sign_in_failures (key) {
        /// SHA-256 of "account:" or "address:" and the value
        key -> Bytea,
        /// Failures since the window began
        failures -> Int4,
        /// When the window began
        started_at -> Timestamptz,
    }
}

diesel::table! {
    /// Where a learner stands on a course, lesson, training or item
    standings (tenant_id, user_id, object_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// What the learner stands on
        object_id -> Uuid,
        /// Its kind
        object_kind -> Text,
        /// Shown as std_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read as the stat's id
        number -> Int8,
        /// The course that it is part of
        course_id -> Uuid,
        /// Basis points; 10000 only when complete
        progress -> Int4,
        /// Passed or failed; none while unknown. Once passed, stays passed
        success -> Nullable<Bool>,
        /// Score of the latest attempt, in its own scale
        score_raw -> Nullable<Float8>,
        /// Lowest of that scale
        score_min -> Nullable<Float8>,
        /// Highest of that scale
        score_max -> Nullable<Float8>,
        /// Best scaled score so far, in basis points
        best_score -> Nullable<Int4>,
        /// Attempts so far
        attempts -> Int4,
        /// Sum of reported durations
        time_spent_seconds -> Int8,
        /// Counts announced changes, from 1
        revision -> Int4,
        /// First activity
        started_at -> Nullable<Timestamptz>,
        /// First completion; never moves
        completed_at -> Nullable<Timestamptz>,
        /// Time of the newest event applied; older ones may not downgrade
        last_occurred_at -> Timestamptz,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Bearer tokens: sessions of people and tokens of integrations
    tokens (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as tok_…; never the secret
        id -> Uuid,
        /// A session belongs to a person, an integration token to the institution
        kind -> Text,
        /// Whose session; none for an integration
        user_id -> Nullable<Uuid>,
        /// Who made it; none when the server did
        created_by -> Nullable<Uuid>,
        /// Given by its maker
        name -> Text,
        /// SHA-256 of the whole token; the token itself is kept nowhere
        hash -> Bytea,
        /// Last four characters, to tell tokens apart
        last4 -> Text,
        /// Named abilities, never more than the maker's
        abilities -> Array<Nullable<Text>>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When it stops working; none means never
        expires_at -> Nullable<Timestamptz>,
        /// Last use, kept to the minute
        last_used_at -> Nullable<Timestamptz>,
        /// Address of the last use
        last_used_ip -> Nullable<Text>,
        /// When it was revoked
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What a learner does: a material, a quiz, a task, a SCORM package, a dialogue, a flashcard
    training_items (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as itm_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The training
        training_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Decides which of the six stats a learner's standing is
        kind -> Text,
        /// Shown to people
        title -> Text,
        /// What the learner is asked; never the answer
        prompt -> Text,
        /// Right answers in the institution's own form; shown only with content:answers
        answer_key -> Nullable<Jsonb>,
        /// Order within the training, from 1
        position -> Int4,
        /// Counts towards the lesson's progress
        required -> Bool,
        /// Highest raw score; none if not scored
        max_score -> Nullable<Float8>,
        /// Estimated
        estimated_seconds -> Nullable<Int4>,
        /// Skills that it trains
        skills -> Array<Nullable<Text>>,
        /// Level, Pre-A1 to C2
        cefr -> Nullable<Text>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Blocks of a lesson
    trainings (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as trn_…
        id -> Uuid,
        /// The lesson
        lesson_id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// Free word: practice, review, exam
        kind -> Text,
        /// Order within the lesson, from 1
        position -> Int4,
        /// Basis points of the maximum; none if nothing is to be passed
        pass_score -> Nullable<Int4>,
        /// Counts changes
        version -> Int4,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// People, once for each institution that knows them
    users (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as usr_…
        id -> Uuid,
        /// The integer that Teachbase-style receivers read
        number -> Int8,
        /// The institution's own key for the person
        external_id -> Nullable<Text>,
        /// As it was given
        email -> Text,
        /// Case-folded address, by which a person is found
        email_key -> Text,
        /// Whole name as the institution writes it
        name -> Text,
        /// Given name, for receivers that want two fields
        first_name -> Text,
        /// Family name, possibly empty
        last_name -> Text,
        /// BCP 47 tag; none means the institution's
        locale -> Nullable<Text>,
        /// IANA zone; none means the institution's
        time_zone -> Nullable<Text>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Registered receivers
    webhooks (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as whk_…
        id -> Uuid,
        /// Where deliveries go, normalised
        url -> Text,
        /// Other addresses by event type prefix, as Teachbase's subscriptions have them
        urls -> Jsonb,
        /// Of the institution, for itself
        description -> Text,
        /// Event types subscribed to; * means all
        events -> Array<Nullable<Text>>,
        /// Course, lesson and item ids that it is limited to; none means all
        scope_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Kind of each of them: course, lesson or item
        scope_kinds -> Nullable<Array<Nullable<Text>>>,
        /// How it wants to be spoken to
        dialect -> Text,
        /// Pinned version of a dialect that has versions
        api_version -> Nullable<Text>,
        /// Signing secret, sealed; none for a receiver that takes unsigned bodies
        secret -> Nullable<Bytea>,
        /// Last four characters, to tell secrets apart
        secret_hint -> Text,
        /// Name of the retry schedule
        retry_policy -> Text,
        /// Only enabled ones are attempted
        status -> Text,
        /// Why, in words, where the server decided
        status_reason -> Nullable<Text>,
        /// First failure since the last success
        failing_since -> Nullable<Timestamptz>,
        /// Who made it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone: the log of its deliveries is kept
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(courses -> institutions (tenant_id));
diesel::joinable!(tokens -> institutions (tenant_id));
diesel::joinable!(users -> institutions (tenant_id));
diesel::joinable!(webhooks -> institutions (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    attempts,
    courses,
    credentials,
    deliveries,
    enrolments,
    events,
    institutions,
    lessons,
    memberships,
    outbox,
    paused_queues,
    payloads,
    progress_events,
    queue_jobs,
    sign_in_failures,
    standings,
    tokens,
    training_items,
    trainings,
    users,
    webhooks,
);
