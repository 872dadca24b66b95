// @generated automatically by Diesel CLI.

diesel::table! {
    /// Tiers that learners have reached; no change of a rule takes one back
    achievements (tenant_id, user_id, key, tier) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Which achievement
        key -> Text,
        /// Which tier of it
        tier -> Text,
        /// Version of the rule by which it was reached
        version -> Int4,
        /// How many it took then
        target -> Int8,
        /// What it follows from: the count, and the activity that reached it
        evidence -> Jsonb,
        /// When it was unlocked
        unlocked_at -> Timestamptz,
    }
}

diesel::table! {
    /// What each learner did on each day in each course: what the sums are added up from
    activity_days (tenant_id, edition, user_id, day, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// The learner
        user_id -> Uuid,
        /// Civil date in the edition's zone on which it happened, whenever it was told
        day -> Date,
        /// The course; the nil id where nothing tells it any more
        course_id -> Uuid,
        /// Learning events; being enrolled is none
        events -> Int8,
        /// Sum of reported durations
        seconds -> Int8,
        /// Lessons completed for the first time
        lessons_completed -> Int4,
    }
}

diesel::table! {
    /// Learners of each day by the days since they were last active. Different learners of any days a to b: the sum over d of those with gap 0 or above d - a
    activity_gaps (tenant_id, edition, day, gap) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// The day on which they were active
        day -> Date,
        /// Days since each one's last active day before it, at most 400; 0 where there is none
        gap -> Int4,
        /// How many
        learners -> Int8,
    }
}

diesel::table! {
    /// Learners by the number of their active days within the 28 days that end on a day
    activity_levels (tenant_id, edition, day, active_days) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// Last of the 28 days
        day -> Date,
        /// Of these, so many with learning; who has none is not here
        active_days -> Int4,
        /// How many
        learners -> Int8,
    }
}

diesel::table! {
    /// Learners by the month in which they were first active, and each month in which they were active; in the first month all of them are
    activity_retention (tenant_id, edition, began_month, month) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// First of the month in which they were first active
        began_month -> Date,
        /// First of a month in which they were active
        month -> Date,
        /// How many
        learners -> Int8,
    }
}

diesel::table! {
    /// What was done in each course on each day
    activity_totals (tenant_id, edition, day, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// The day
        day -> Date,
        /// The course; the nil id where nothing tells it any more
        course_id -> Uuid,
        /// Learners active in it
        learners -> Int8,
        /// Learning events
        events -> Int8,
        /// Sum of reported durations
        seconds -> Int8,
        /// Lessons completed for the first time
        lessons_completed -> Int8,
        /// Enrolments completed for the first time
        courses_completed -> Int8,
    }
}

diesel::table! {
    /// Programs that take tokens with an id and a secret of their own, as OAuth has it
    applications (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as app_…; the client id is made of it and of the institution's
        id -> Uuid,
        /// Given by its maker
        name -> Text,
        /// Abilities of its tokens, never more than the maker's
        scopes -> Array<Nullable<Text>>,
        /// SHA-256 of the client secret; the secret itself is kept nowhere
        secret_hash -> Bytea,
        /// Last four characters of the secret, to tell secrets apart
        secret_last4 -> Text,
        /// When the secret was made
        secret_made_at -> Timestamptz,
        /// SHA-256 of the secret before, while it still works
        previous_hash -> Nullable<Bytea>,
        /// When the secret before stops working
        previous_until -> Nullable<Timestamptz>,
        /// Who made it; none when a token or the server did
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed, but for its use
        updated_at -> Timestamptz,
        /// When it last took a token
        last_used_at -> Nullable<Timestamptz>,
        /// Address from which it did
        last_used_ip -> Nullable<Text>,
        /// Tombstone: takes no tokens, and those that it had are revoked
        deleted_at -> Nullable<Timestamptz>,
    }
}

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
        /// Looking the name up; none if that did not happen
        dns_ms -> Nullable<Int4>,
        /// Connecting; none on a connection that was open
        connect_ms -> Nullable<Int4>,
        /// The TLS handshake; none on a connection that was open, or without TLS
        tls_ms -> Nullable<Int4>,
        /// From the request sent to the first byte of the answer
        first_byte_ms -> Nullable<Int4>,
        /// The failure in words
        error_detail -> Nullable<Text>,
        /// Header block as sent, secrets masked; only where the delivery's own row does not tell it
        request_headers -> Nullable<Text>,
    }
}

diesel::table! {
    /// What was done in an institution, by whom; rows are added and never changed
    audit_log (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as aud_…
        id -> Uuid,
        /// When it was done
        at -> Timestamptz,
        /// A person, an integration, somebody of the platform's staff, or the server itself
        actor_kind -> Text,
        /// Which one: a user, a token or a member of the staff; none for the server
        actor_id -> Nullable<Uuid>,
        /// What the actor was called then
        actor_name -> Text,
        /// What was done, object.verb in the past tense
        action -> Text,
        /// To what kind of thing
        object_kind -> Text,
        /// To which one, its id as it is shown
        object_id -> Text,
        /// What mattered of it before, secrets and personal data masked; none where it was made
        before -> Nullable<Jsonb>,
        /// What matters of it since, masked likewise; none where it was removed
        after -> Nullable<Jsonb>,
        /// Request that did it
        request_id -> Nullable<Text>,
        /// Address that the request came from
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// Who does not want to stand on leaderboards
    board_opt_outs (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Since when
        since -> Timestamptz,
    }
}

diesel::table! {
    /// Weeks and months of the leaderboards, each in the zone that it began in
    board_periods (tenant_id, period, starts_on) {
        /// The institution
        tenant_id -> Uuid,
        /// What kind of period
        period -> Text,
        /// Its first date: a Monday, or the first of a month
        starts_on -> Date,
        /// The institution's IANA zone when it began
        time_zone -> Text,
        /// First instant
        starts_at -> Timestamptz,
        /// First instant after it
        ends_at -> Timestamptz,
        /// When it was frozen: nothing counts in it any more
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What each learner reached in a period; rows of a period that is closed do not change any more
    board_scores (tenant_id, period, starts_on, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// What kind of period
        period -> Text,
        /// Its first date in the institution's zone; 1970-01-01 for all time
        starts_on -> Date,
        /// The learner
        user_id -> Uuid,
        /// Points
        xp -> Int8,
        /// Reported time
        seconds -> Int8,
        /// Lessons completed
        lessons -> Int8,
        /// When these points were reached: who was there first stands first among equals
        xp_at -> Timestamptz,
        /// When this time was reached
        seconds_at -> Timestamptz,
        /// When these lessons were reached
        lessons_at -> Timestamptz,
        /// Stood on the board when its period was closed; means nothing before
        listed -> Bool,
    }
}

diesel::table! {
    /// What groups had reached when a period was closed
    board_teams (tenant_id, period, starts_on, metric, group_id) {
        /// The institution
        tenant_id -> Uuid,
        /// What kind of period
        period -> Text,
        /// Its first date
        starts_on -> Date,
        /// The group, which may be gone since
        group_id -> Uuid,
        /// What was counted
        metric -> Text,
        /// What it was called
        name -> Text,
        /// Learners in it, those who did nothing too
        members -> Int4,
        /// Sum of what they had reached
        total -> Int8,
    }
}

diesel::table! {
    /// Reports of levels that were issued as documents, with the code by which they are verified
    cefr_documents (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as cfd_…
        id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// Language that the document is written in
        locale -> Text,
        /// By which anybody who holds the document verifies it; opens nothing that does not stand in this row
        code -> Text,
        /// What the document says: the name as it was, the levels, as of when
        facts -> Jsonb,
        /// Who issued it; none for an integration
        issued_by -> Nullable<Uuid>,
        /// When it was issued
        issued_at -> Timestamptz,
        /// Until when it is said to be valid
        expires_at -> Timestamptz,
        /// When it was taken back
        revoked_at -> Nullable<Timestamptz>,
        /// Why it was taken back
        revoked_why -> Nullable<Text>,
    }
}

diesel::table! {
    /// What shows at which level of the CEFR a learner is in a skill; graded items are not copied here
    cefr_evidence (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as evd_…
        id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned, the first part of its tag
        language -> Text,
        /// What was shown
        skill -> Text,
        /// What kind of evidence it is
        source -> Text,
        /// Level that it shows, as it was given or as the mapping of that time says
        level -> Text,
        /// Scale of the value; none where the level was given
        scale -> Nullable<Text>,
        /// Score on the scale
        value -> Nullable<Float8>,
        /// Version of the table by which the value became a level
        mapping_version -> Nullable<Int4>,
        /// Keys of can-do descriptors, each shown or not: {key: true}
        descriptors -> Nullable<Jsonb>,
        /// The sender's own key: evidence counts once
        external_id -> Nullable<Text>,
        /// Words of whoever recorded it
        note -> Nullable<Text>,
        /// When it was shown
        occurred_at -> Timestamptz,
        /// Until when it counts, as a certificate says
        expires_at -> Nullable<Timestamptz>,
        /// Who recorded it; none for an integration
        recorded_by -> Nullable<Uuid>,
        /// When it was recorded
        created_at -> Timestamptz,
        /// When it was taken back; it counts no more
        withdrawn_at -> Nullable<Timestamptz>,
        /// Why it was taken back
        withdrawn_why -> Nullable<Text>,
    }
}

diesel::table! {
    /// The level of each learner in each skill when evidence last changed, to compare learners by
    cefr_levels (tenant_id, user_id, language, skill) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// The skill
        skill -> Text,
        /// Place on the scale, 0 for Pre-A1 to 9 for C2
        level -> Int2,
        /// When it was last worked out
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What the four skills of a learner come to in a language, when their levels were last worked out
    cefr_profiles (tenant_id, user_id, language) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// Shown as cfp_…
        id -> Uuid,
        /// Place of the profile on the scale; none while too few skills have a level
        level -> Nullable<Int2>,
        /// Counts what was told of it, from 1
        revision -> Int4,
        /// When it was last worked out
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// How many rises there were on a day after how long: who rose within any dates is counted once by its sums
    cefr_rise_tallies (tenant_id, place) {
        /// The institution
        tenant_id -> Uuid,
        /// Tells rows apart, and whose turn it is to fold
        place -> Int8,
        /// Language that is learned
        language -> Text,
        /// The skill, or overall for the profile of all
        skill -> Text,
        /// The day of the rise
        day -> Date,
        /// Days since the one before of the same learner, 400 for more; 0 for the first
        gap -> Int2,
        /// How many
        n -> Int8,
    }
}

diesel::table! {
    /// The days on which a learner came to a higher level than before
    cefr_rises (tenant_id, user_id, language, skill, day) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// The skill, or overall for the profile of all
        skill -> Text,
        /// In the zone that the institution had then
        day -> Date,
        /// Days since the one before, 400 for more; 0 for the first
        gap -> Int2,
    }
}

diesel::table! {
    /// How many learners are at which level: the sum over the rows of a kind
    cefr_tallies (tenant_id, place) {
        /// The institution
        tenant_id -> Uuid,
        /// Tells rows apart, and whose turn it is to fold
        place -> Int8,
        /// Language that is learned
        language -> Text,
        /// The skill, or overall for the profile of all
        skill -> Text,
        /// Place on the scale, 0 for Pre-A1 to 9 for C2
        level -> Int2,
        /// How many came to it, or left it
        n -> Int8,
    }
}

diesel::table! {
    /// The level that a learner wants to reach in a language
    cefr_targets (tenant_id, user_id, language) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Language that is learned
        language -> Text,
        /// The level
        level -> Text,
        /// By when
        due_on -> Nullable<Date>,
        /// When it was last set
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Courses of the platform's library that an institution was given
    course_shares (tenant_id, source_id) {
        /// The institution that was given it
        tenant_id -> Uuid,
        /// The course in the library
        source_id -> Uuid,
        /// The library
        source_tenant_id -> Uuid,
        /// Version of the source's row that was followed last; 0 before the first time
        source_version -> Int4,
        /// The institution's copy; none until it is made
        course_id -> Nullable<Uuid>,
        /// When it was shared
        shared_at -> Timestamptz,
        /// When it was taken back: the copy is archived, and the record stays
        ended_at -> Nullable<Timestamptz>,
        /// When the content was last copied
        copied_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Slugs that courses had, so that old addresses lead to the new ones
    course_slugs (tenant_id, slug) {
        /// The institution
        tenant_id -> Uuid,
        /// The slug; a living course that has it goes first
        slug -> Text,
        /// Who had it last
        course_id -> Uuid,
        /// When the course got another
        retired_at -> Timestamptz,
    }
}

diesel::table! {
    /// Enrolments by course and the date on which they were made, and what became of them since
    course_starts (tenant_id, edition, enrolled_on, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// Date of the enrolments
        enrolled_on -> Date,
        /// The course
        course_id -> Uuid,
        /// How many
        enrolled -> Int8,
        /// Of these, begun until now
        started -> Int8,
        /// Of these, completed until now
        completed -> Int8,
    }
}

diesel::table! {
    /// A course as it was each time that it was published
    course_versions (tenant_id, course_id, edition) {
        /// The institution
        tenant_id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// From 1
        edition -> Int4,
        /// Version of the course's own row at that time
        course_version -> Int4,
        /// The course with all that it held, without keys to answers
        content -> Jsonb,
        /// What differs from the edition before: [{object, id, change, fields}]
        changes -> Jsonb,
        /// Words of whoever published it
        note -> Nullable<Text>,
        /// Who published it; none for an integration
        published_by -> Nullable<Uuid>,
        /// When it was published
        published_at -> Timestamptz,
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
        /// What completes the course for a learner
        completion_rule -> Text,
        /// Share of the weight, or score, that the rule wants: basis points
        completion_threshold -> Nullable<Int4>,
        /// Lessons that count where the rule lists them
        completion_lesson_ids -> Array<Nullable<Uuid>>,
        /// In a sequential course a lesson opens when the required ones before it are done
        lesson_order -> Text,
        /// Number of the latest published version; 0 where it was never published
        edition -> Int4,
        /// What the reviewer said last
        review_note -> Nullable<Text>,
        /// Course of the platform's library that this is a copy of; nobody changes a copy
        source_id -> Nullable<Uuid>,
        /// Edition of the source that it is a copy of
        source_edition -> Nullable<Int4>,
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
    /// People whom the editions of a data set have named
    data_set_members (tenant_id, data_set, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// What the institution calls the set
        data_set -> Text,
        /// The person
        user_id -> Uuid,
        /// Deactivated because the last edition did not name him; the next one that does brings him back
        gone -> Bool,
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
        /// When it succeeded, was exhausted, cancelled or skipped
        finished_at -> Nullable<Timestamptz>,
        /// Of the event's object
        revision -> Int4,
        /// End of the window in which later states of the object replace this one; none if it goes at once
        wait_until -> Nullable<Timestamptz>,
        /// Found by its object: it opens one, waits for a window, or its receiver is ordered. Never changes
        keyed -> Bool,
        /// Waits for an earlier delivery of its object, as an ordered receiver wants it
        behind -> Bool,
        /// Why it was skipped or cancelled, in a word
        reason -> Nullable<Text>,
        /// The replay that owed it again, if one did
        replay_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Enrolments that changed and were not counted anew yet; what was counted is deleted
    enrolment_changes (tenant_id, position, course_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// Place in the order of changes, as in the feed
        position -> Int8,
        /// The course
        course_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// When it changed
        changed_at -> Timestamptz,
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
        /// Came by a group or a learning path, and goes with the last of them; false for a learner named by himself
        derived -> Bool,
    }
}

diesel::table! {
    /// Each enrolment as it stands in the sums; one that was taken off before it was completed is not in them
    enrolments_counted (tenant_id, edition, user_id, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// The learner
        user_id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// Date of the enrolment
        enrolled_on -> Date,
        /// The learner has begun the course
        started -> Bool,
        /// Date of the first completion
        completed_on -> Nullable<Date>,
        /// When it is, was or will be overdue from: due, and not completed by then
        fell_due_at -> Nullable<Timestamptz>,
        /// Date of that
        fell_due_on -> Nullable<Date>,
        /// Date on which it was overdue no more: completed after that
        settled_on -> Nullable<Date>,
    }
}

diesel::table! {
    /// Enrolments that fell due uncompleted on each day, and that were overdue until then. Overdue at the end of a day: the sum up to it of the one less the other
    enrolments_due (tenant_id, edition, day) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that it belongs to
        edition -> Int4,
        /// The day, also one to come
        day -> Date,
        /// Due on it and not completed by then
        fell_due -> Int8,
        /// Overdue until they were completed on it
        settled -> Int8,
    }
}

diesel::table! {
    /// Requests to erase people, how far they are, and the receipts
    erasures (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as ers_…
        id -> Uuid,
        /// Who is erased
        user_id -> Uuid,
        /// Requested by the person; scheduled once somebody of the institution said so; running; completed; cancelled
        status -> Text,
        /// Why, by whoever asked
        reason -> Text,
        /// Counts the changes that events told
        revision -> Int4,
        /// The person who asked; none where a token or the staff did
        requested_by -> Nullable<Uuid>,
        /// When it was asked for
        requested_at -> Timestamptz,
        /// Until when it should be done
        due_at -> Timestamptz,
        /// The person who said that it shall be; none where a token or the staff did
        confirmed_by -> Nullable<Uuid>,
        /// When that was
        confirmed_at -> Nullable<Timestamptz>,
        /// Until then it can be cancelled
        erase_after -> Nullable<Timestamptz>,
        /// Membership before, which cancelling gives back
        status_before -> Nullable<Text>,
        /// When the erasing began
        started_at -> Nullable<Timestamptz>,
        /// Names, addresses and keys to look for, also former ones, while it runs; emptied at its end
        known_as -> Array<Nullable<Text>>,
        /// How far each table that is read through has been read: {table: id}
        cursors -> Jsonb,
        /// Rows that were deleted, emptied or changed so far: {table: rows}
        counts -> Jsonb,
        /// When nothing was left
        completed_at -> Nullable<Timestamptz>,
        /// What was erased, what was kept and why; holds nothing that tells who it was
        receipt -> Nullable<Jsonb>,
        /// SHA-256 of the receipt as canonical JSON (RFC 8785), in hexadecimal
        receipt_sha256 -> Nullable<Text>,
        /// The person who cancelled it; none where a token or the staff did
        cancelled_by -> Nullable<Uuid>,
        /// When it was cancelled
        cancelled_at -> Nullable<Timestamptz>,
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
        /// Place in the feed, shared by the events of one transaction; within it by revision and id
        position -> Int8,
    }
}

diesel::table! {
    /// Files made of the record on demand
    exports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as exp_…
        id -> Uuid,
        /// What its rows are
        #[sql_name = "type"]
        type_ -> Text,
        /// Where it is in its life
        status -> Text,
        /// What was asked for: columns, filters, format, zone, language, separator, since when
        wanted -> Jsonb,
        /// Hash of what was asked for and by whom: the same again, while this one is open, is this one
        fingerprint -> Text,
        /// The person or token that asked; none for the house
        made_by -> Nullable<Uuid>,
        /// Kind of who asked, in the words of the audit log
        made_by_kind -> Text,
        /// What whoever asked could do then; it is made with no more than what remains of it
        abilities -> Array<Nullable<Text>>,
        /// The manager whose groups' people alone are in it; none where it shows all
        led_by -> Nullable<Uuid>,
        /// The only courses that are in it; none where it shows all
        course_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// The run that writes it, or wrote it last: a run that finds another here has lost its turn
        run_id -> Nullable<Uuid>,
        /// Where its file lies, or what is left of one; none when nothing is
        file_key -> Nullable<Text>,
        /// Place in the order of commits up to which it is whole: the next one goes on there
        horizon -> Nullable<Int8>,
        /// The moment that it shows
        as_of -> Nullable<Timestamptz>,
        /// Rows written so far; all of them once it is completed
        rows_done -> Int8,
        /// Rows that were counted; null where counting took too long
        rows_total -> Nullable<Int8>,
        /// Length of the file
        size_bytes -> Nullable<Int8>,
        /// SHA-256 of the file, in hexadecimal
        sha256 -> Nullable<Text>,
        /// Why it failed, a code
        error_code -> Nullable<Text>,
        /// Why it failed, in words
        error -> Nullable<Text>,
        /// How often the download began
        downloads -> Int4,
        /// When its last run began
        started_at -> Nullable<Timestamptz>,
        /// When it ended, in whatever way
        finished_at -> Nullable<Timestamptz>,
        /// When its file is deleted
        expires_at -> Nullable<Timestamptz>,
        /// When it was asked for
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// How far each follower of learners' activity has come in an institution
    followers (tenant_id, name) {
        /// The institution
        tenant_id -> Uuid,
        /// What follows
        name -> Text,
        /// All activity up to this place was taken
        position -> Int8,
        /// So was all that has no place
        past_walked -> Bool,
        /// Learner of the last of those that was taken; they are taken learner by learner, as it happened
        past_user_id -> Nullable<Uuid>,
        /// When that happened
        past_at -> Nullable<Timestamptz>,
        /// The sender's own id of it
        past_client_id -> Nullable<Text>,
        /// When something was last taken
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Every freeze that came or went; rows are added and never changed
    freeze_entries (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// In the order of time
        id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Granted; used for a date; given back because the date had activity after all; or gone because it was one too many then
        reason -> Text,
        /// What it adds to the freezes that are left
        delta -> Int4,
        /// The date that it is of
        local_date -> Date,
        /// When it was written
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// How an institution wants its game; none for the platform's way
    game_settings (tenant_id) {
        /// The institution
        tenant_id -> Uuid,
        /// Anything is counted at all
        enabled -> Bool,
        /// There are leaderboards
        leaderboards -> Bool,
        /// How people are named on them
        names -> Text,
        /// Most freezes that a learner keeps; 0 for none
        freezes_max -> Int4,
        /// Rules that give no points
        rules_off -> Array<Nullable<Text>>,
        /// When it was last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Where each learner stands in the game: kept from the ledgers, which prove it
    games (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Shown as gam_…
        id -> Uuid,
        /// Counts announced changes, from 1
        revision -> Int4,
        /// The streak as it was after a date that nothing can change any more: what comes later is folded onto it
        settled -> Jsonb,
        /// That date
        settled_on -> Nullable<Date>,
        /// Dates with activity in the run that goes on; 0 without one
        current -> Int4,
        /// First date of that run
        started_on -> Nullable<Date>,
        /// Newest date with activity that counted
        reached_on -> Nullable<Date>,
        /// The longest run
        longest -> Int4,
        /// Freezes that are left: the sum of their entries
        freezes -> Int4,
        /// When a date ends that a freeze has to cover or the run ends; none without a run
        due_at -> Nullable<Timestamptz>,
        /// The sum of all entries of points
        xp -> Int8,
        /// Training items completed
        items -> Int4,
        /// Lessons completed
        lessons -> Int4,
        /// Courses completed
        courses -> Int4,
        /// Training items with the whole score
        perfect -> Int4,
        /// When the learner first did something
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Groups put on a course or a learning path: whoever joins later is put on it too
    group_enrolments (tenant_id, group_id, target_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The course or the learning path
        target_id -> Uuid,
        /// The course, if it is one
        course_id -> Nullable<Uuid>,
        /// The learning path, if it is one
        path_id -> Nullable<Uuid>,
        /// Who did it; none for an integration
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who leads which group: somebody with the role of a manager sees the people of his groups alone
    group_managers (tenant_id, user_id, group_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Since when
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Who is in which group
    group_members (tenant_id, group_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The group
        group_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// When the person joined
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Learners who are put on courses together
    groups (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as grp_…
        id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        name -> Text,
        /// Stands for the whole institution: has no rows of members, is not listed and is shown as everyone
        everyone -> Bool,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// A cohort is a group that learns for a time
        kind -> Text,
        /// First day of a cohort, in the institution's time zone
        starts_on -> Nullable<Date>,
        /// Last day of a cohort, in the institution's time zone
        ends_on -> Nullable<Date>,
        /// By which way the group came
        provisioned_by -> Text,
    }
}

diesel::table! {
    /// Files of what learners did, and how far each is read; the bytes are in import_files under the same id
    history_imports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as imp_…
        id -> Uuid,
        /// As the sender calls the file
        file_name -> Nullable<Text>,
        /// Size, unpacked
        file_bytes -> Int8,
        /// Hash of the bytes and of what was asked: a twin of a file that is being read is the same import
        fingerprint -> Text,
        /// IANA zone of times that stand in the file without an offset
        time_zone -> Text,
        /// Where it is in its life
        status -> Text,
        /// Rows that were read, the first so many of the file
        rows_done -> Int8,
        /// Rows that count now
        accepted -> Int8,
        /// Rows that counted before
        duplicates -> Int8,
        /// Rows that do not count
        rejected -> Int8,
        /// The first thousand of them: line, column, code, message
        faults -> Jsonb,
        /// Why the file could not be read to its end
        reason -> Nullable<Text>,
        /// Who sent it; none for an integration
        sent_by -> Nullable<Uuid>,
        /// When the file had arrived
        created_at -> Timestamptz,
        /// When it last went on
        updated_at -> Timestamptz,
        /// When it ended
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Requests that were sent with an Idempotency-Key, and what was answered, for a day
    idempotency_keys (tenant_id, holder_id, operation, key) {
        /// The institution
        tenant_id -> Uuid,
        /// The person or the token that sent it: nobody is shown what another was answered
        holder_id -> Uuid,
        /// Method and template of the path that it was sent to
        operation -> Text,
        /// The key, without quotes
        key -> Text,
        /// SHA-256 of path, query and body: another request under the same key is refused
        fingerprint -> Bytea,
        /// When it was taken on; the key is remembered for a day from here
        started_at -> Timestamptz,
        /// HTTP status of the answer; none while the request runs
        status -> Nullable<Int4>,
        /// Headers of the answer that belong to its content
        headers -> Nullable<Jsonb>,
        /// Body of the answer, sealed: an answer may show a secret this once
        body -> Nullable<Bytea>,
    }
}

diesel::table! {
    /// The bytes of files of people
    import_file_parts (tenant_id, file_id, part) {
        /// The institution
        tenant_id -> Uuid,
        /// The file
        file_id -> Uuid,
        /// Which part, from 0
        part -> Int4,
        /// The bytes, unpacked, in the encoding that they came in
        bytes -> Bytea,
    }
}

diesel::table! {
    /// Files of people, as they were sent
    import_files (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// The import that the file is for
        id -> Uuid,
        /// Encoding, as found out; none while the file arrives
        charset -> Nullable<Text>,
        /// Size so far, unpacked
        size_bytes -> Int8,
        /// Hash of the unpacked bytes; none while the file arrives
        sha256 -> Nullable<Bytea>,
        /// When the last part arrived: an upload that has stopped makes room for the next
        touched_at -> Timestamptz,
        /// When all of it was there; none while it arrives
        stored_at -> Nullable<Timestamptz>,
        /// When its parts were deleted, after the retention
        forgotten_at -> Nullable<Timestamptz>,
        /// When the upload began
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Rows of imports and what the plan does with each; values are those that applying writes, so what stays as it is has none
    import_rows (tenant_id, import_id, line) {
        /// The institution
        tenant_id -> Uuid,
        /// The import
        import_id -> Uuid,
        /// Line of the file where the row begins, from 1; missing people have lines after its last
        line -> Int4,
        /// What the plan does with it
        action -> Text,
        /// The person, also one to come; none where the row names nobody
        user_id -> Nullable<Uuid>,
        /// When the person had last changed as the plan was made: changed since, the row is stale
        user_seen -> Nullable<Timestamptz>,
        /// The institution's own key, as it will be
        external_id -> Nullable<Text>,
        /// Address, as it will be
        email -> Nullable<Text>,
        /// Case-folded address of the file, by which twins are found
        email_key -> Nullable<Text>,
        /// Whole name, as it will be
        name -> Nullable<Text>,
        /// Given name, as it will be
        first_name -> Nullable<Text>,
        /// Family name, as it will be
        last_name -> Nullable<Text>,
        /// Language tag, as it will be
        locale -> Nullable<Text>,
        /// IANA zone, as it will be
        time_zone -> Nullable<Text>,
        /// Role, as it will be
        role -> Nullable<Text>,
        /// Membership, as it will be
        status -> Nullable<Text>,
        /// Groups that the person joins
        group_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Groups that are made first
        group_names -> Nullable<Jsonb>,
        /// Courses that the person is put on
        course_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Membership of somebody who was known, before
        was -> Nullable<Text>,
        /// Fields that are not as they were, of somebody who was known
        changed -> Nullable<Array<Nullable<Text>>>,
        /// What is wrong with it, or worth saying: column, code, message, masked value
        faults -> Nullable<Jsonb>,
        /// Why it was not applied after all: a code
        failed -> Nullable<Text>,
    }
}

diesel::table! {
    /// Files of people, planned and applied
    imports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as imp_…
        id -> Uuid,
        /// Whether the plan is applied at once, or when somebody says so
        mode -> Text,
        /// Where it is in its life
        status -> Text,
        /// What was asked for
        options -> Jsonb,
        /// The file is the next edition of this set of people; none for a file of its own
        data_set -> Nullable<Text>,
        /// Hash of file and options: the same again, while this one is open, is this one
        fingerprint -> Text,
        /// As the sender calls it
        file_name -> Nullable<Text>,
        /// Size as it was stored
        file_bytes -> Int8,
        /// What was found out about the file: encoding, separator, columns known and unknown
        sheet -> Nullable<Jsonb>,
        /// The person or token that sent it
        started_by -> Nullable<Uuid>,
        /// Kind of who sent it, in the words of the audit log
        started_by_kind -> Text,
        /// Roles that the sender could give and take when he sent it
        grants -> Array<Nullable<Text>>,
        /// Rows of the plan, those of missing people included; null while the file is read
        rows_total -> Nullable<Int4>,
        /// Rows read so far
        rows_read -> Int4,
        /// Last line read: reading goes on after it
        read_through -> Int4,
        /// Rows of the plan done so far
        rows_done -> Int4,
        /// Last line applied: applying goes on after it, and what the plan says of the lines up to it is done
        applied_through -> Int4,
        /// Rows by what the plan does with them
        planned -> Jsonb,
        /// Rows by what was done with them
        applied -> Jsonb,
        /// What stands against applying the plan, or why the import failed: code and message
        obstacle -> Nullable<Jsonb>,
        /// Seats still held for people to come
        seats_reserved -> Int4,
        /// It has its institution's turn until then, prolonged with every chunk; null when it has not
        lease_until -> Nullable<Timestamptz>,
        /// When reading began
        reading_at -> Nullable<Timestamptz>,
        /// When the plan was ready
        planned_at -> Nullable<Timestamptz>,
        /// When applying began
        applying_at -> Nullable<Timestamptz>,
        /// When it ended, in whatever way
        finished_at -> Nullable<Timestamptz>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// The files of exports in parts, each a gzip member: one after the other they are the file
    institution_export_parts (tenant_id, export_id, table_name, part) {
        /// The institution
        tenant_id -> Uuid,
        /// The export
        export_id -> Uuid,
        /// The table whose rows the file holds
        table_name -> Text,
        /// Place of the part, from 0
        part -> Int4,
        /// Rows as lines of JSON, compressed
        bytes -> Bytea,
    }
}

diesel::table! {
    /// Everything of an institution as it was at one moment, for whoever takes it elsewhere
    institution_exports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as exp_…
        id -> Uuid,
        /// Running, completed, or failed for good
        status -> Text,
        /// For each table: its name, rows, bytes and the SHA-256 of its file
        contents -> Jsonb,
        /// Why it failed
        error -> Nullable<Text>,
        /// The moment that it shows
        created_at -> Timestamptz,
        /// When it was whole
        completed_at -> Nullable<Timestamptz>,
        /// When it is deleted; none while the institution is there
        expires_at -> Nullable<Timestamptz>,
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
        /// Readable name in addresses, unique on the platform
        slug -> Text,
        /// Where its data should lie, a word of the operator's
        region -> Nullable<Text>,
        /// What it has bought, a word of the operator's
        plan -> Nullable<Text>,
        /// The reseller who brought it and looks after it
        reseller_id -> Nullable<Uuid>,
        /// SHA-256 of the request that made it, so that the same request again is known
        made_of -> Nullable<Bytea>,
        /// Seats that it may fill; none means no limit
        seats_total -> Nullable<Int4>,
        /// How it wants to look: logo_url, primary_color, support_email
        branding -> Jsonb,
        /// Days that classes of rows are kept, where it wants fewer than the platform keeps
        retention -> Jsonb,
        /// Requests per second by class, where they differ from the platform's
        request_limits -> Nullable<Jsonb>,
        /// Longest life of its tokens; none means no limit
        token_max_days -> Nullable<Int4>,
        /// When the one trial began
        trial_started_at -> Nullable<Timestamptz>,
        /// When it ends, or ended
        trial_ends_at -> Nullable<Timestamptz>,
        /// Since when it is suspended; none while it is not
        suspended_at -> Nullable<Timestamptz>,
        /// Why, by whoever suspended it
        suspended_reason -> Nullable<Text>,
        /// Status to go back to at the resumption
        suspended_from -> Nullable<Text>,
        /// Since when it is being closed; none while it is not
        closing_at -> Nullable<Timestamptz>,
        /// Status to go back to when closing is called off
        closing_from -> Nullable<Text>,
        /// Why, by whoever closed it
        closing_reason -> Nullable<Text>,
        /// Not before this time everything that it owns is erased
        erase_after -> Nullable<Timestamptz>,
        /// When it was erased; the row remains
        closed_at -> Nullable<Timestamptz>,
        /// Counts the changes of its life that events told
        revision -> Int4,
        /// Seats that running imports keep for the people whom they are about to add
        seats_reserved -> Int4,
        /// People whose role keeps the institution do nothing before they have a second factor
        require_second_factor -> Bool,
        /// What was erased: rows of each table; none before the erasing began
        receipt -> Nullable<Jsonb>,
        /// Days that its export is kept after the erasing
        export_days -> Int4,
        /// The platform's own: its courses may be shared to others
        is_library -> Bool,
    }
}

diesel::table! {
    /// People who were asked to join, and what became of it
    invitations (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as inv_…
        id -> Uuid,
        /// Who was asked
        user_id -> Uuid,
        /// SHA-256 of the newest token; older ones are dead
        hash -> Bytea,
        /// The token, sealed, until its letter has left
        secret -> Nullable<Bytea>,
        /// Who asked last: a person; none where an integration, the staff or the server did
        invited_by -> Nullable<Uuid>,
        /// When the person was first asked by it
        created_at -> Timestamptz,
        /// Letters that were promised, the first one included
        sends -> Int4,
        /// Begin of the day in which letters are counted
        day_began_at -> Timestamptz,
        /// Letters promised in that day
        sends_of_day -> Int4,
        /// When the newest letter left; none while it has not
        sent_at -> Nullable<Timestamptz>,
        /// When the newest token stops working
        expires_at -> Timestamptz,
        /// When the person joined by it
        accepted_at -> Nullable<Timestamptz>,
        /// How the person proved who it is: with a password of its own, or by single sign-on
        accepted_by -> Nullable<Text>,
        /// When it was taken back
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// In which zone a learner's dates are told, and since when: a change takes effect with the next local date
    learner_zones (tenant_id, user_id, from_at) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// First instant; the first zone holds for all that was before too
        from_at -> Timestamptz,
        /// IANA zone
        tz -> Text,
    }
}

diesel::table! {
    /// Dates of learners, by the zone that held when they were counted; they are not counted anew
    learning_days (tenant_id, user_id, local_date) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// The date
        local_date -> Date,
        /// IANA zone in which it was that date
        tz -> Text,
        /// Active; told too late to count for a streak; covered by a freeze; skipped by travelling east
        kind -> Text,
        /// How many activities fell on it
        activities -> Int4,
        /// The first activity
        first_at -> Nullable<Timestamptz>,
        /// The last activity
        last_at -> Nullable<Timestamptz>,
        /// When the row was last written
        counted_at -> Timestamptz,
    }
}

diesel::table! {
    /// Which courses a learning path has
    learning_path_courses (tenant_id, path_id, course_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learning path
        path_id -> Uuid,
        /// The course
        course_id -> Uuid,
        /// Order within the path, from 1
        position -> Int4,
    }
}

diesel::table! {
    /// Several courses, one after the other
    learning_paths (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as lpt_…
        id -> Uuid,
        /// The institution's own key
        external_id -> Nullable<Text>,
        /// Shown to people
        title -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// People who may not be erased while this stands
    legal_holds (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// Why, such as the number of a case
        reason -> Text,
        /// The person who placed it; none where a token or the staff did
        placed_by -> Nullable<Uuid>,
        /// Since when
        placed_at -> Timestamptz,
    }
}

diesel::table! {
    /// Lessons that a learner need not do
    lesson_waivers (tenant_id, user_id, lesson_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// The lesson
        lesson_id -> Uuid,
        /// The course of the lesson
        course_id -> Uuid,
        /// Why, in words of whoever waived it
        reason -> Text,
        /// Who waived it; none for an integration
        granted_by -> Nullable<Uuid>,
        /// When it was waived
        granted_at -> Timestamptz,
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
        /// Lesson that this is a copy of
        source_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// Letters that were promised, one for each recipient, and what became of them
    letters (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as ltr_…; the Message-ID of the letter is made of it
        id -> Uuid,
        /// What it is about and for whom: the same letter promised twice is one
        occasion -> Text,
        /// Which letter
        kind -> Text,
        /// The member that it goes to; none for somebody who is none
        user_id -> Nullable<Uuid>,
        /// The address as it may be shown: a***@example.com
        recipient -> Text,
        /// SHA-256 of the address in lower case: the address itself is not kept here
        address_hash -> Bytea,
        /// Language of the whole letter
        language -> Text,
        /// Queued while it may still be sent; sent; refused for good by the mail server; bounced after it was sent; suspended where the address is; failed when it was given up
        status -> Text,
        /// How often it was tried
        attempts -> Int4,
        /// What a mail server said last against it, addresses masked
        last_error -> Nullable<Text>,
        /// When it was promised
        created_at -> Timestamptz,
        /// When anything last happened to it
        updated_at -> Timestamptz,
        /// When the mail server took it
        sent_at -> Nullable<Timestamptz>,
        /// When it came back
        bounced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// How many members there are: the sum over the rows of a kind
    member_tallies (tenant_id, place) {
        /// The institution
        tenant_id -> Uuid,
        /// Tells rows apart, and whose turn it is to fold
        place -> Int8,
        /// Those with the role of a learner, or those with another
        learner -> Bool,
        /// Where they are in their life
        status -> Text,
        /// How many came, or went
        n -> Int8,
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
        /// By which way the person came; whoever comes back another way takes that one
        provisioned_by -> Text,
        /// When the person was first asked to join; none for those who were never asked
        invited_at -> Nullable<Timestamptz>,
        /// When the person first became active; none for one made before this was kept, who joined when the row was made
        joined_at -> Nullable<Timestamptz>,
        /// When the person left; none for one who is there
        removed_at -> Nullable<Timestamptz>,
        /// Fields that were edited by hand, which an import leaves as they are
        sticky -> Array<Nullable<Text>>,
        /// How often the membership was changed, from 1; orders what is told of it
        revision -> Int4,
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
        /// Its object was completed, passed or failed for the first time: no receiver is kept waiting for that
        concludes -> Bool,
    }
}

diesel::table! {
    /// Ways back for people who lost their password, each good once
    password_resets (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as pwr_…
        id -> Uuid,
        /// Whose password it is
        user_id -> Uuid,
        /// The letter that brings it; the same for all institutions that know the address
        letter_id -> Uuid,
        /// SHA-256 of the token
        hash -> Bytea,
        /// The token, sealed, until its letter has left
        secret -> Nullable<Bytea>,
        /// When it was made
        created_at -> Timestamptz,
        /// When it stops working
        expires_at -> Timestamptz,
        /// When it was used, or another took its place
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Learners put on a learning path by themselves, not by a group
    path_enrolments (tenant_id, path_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The learning path
        path_id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Who did it; none for an integration
        enrolled_by -> Nullable<Uuid>,
        /// When it happened
        created_at -> Timestamptz,
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
        /// Place in the order of arrival, as in the feed; none in rows from before there were places
        position -> Nullable<Int8>,
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
    /// What is taken once instead of a one-time password, when the authenticator is lost
    recovery_codes (tenant_id, user_id, hash) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// SHA-256 of the code: it has 80 random bits
        hash -> Bytea,
        /// When it was taken
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Deliveries of a receiver sent once more, many at a time
    replays (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as rpl_…
        id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// What became of the deliveries that are wanted; none means no deliveries, only what was skipped
        statuses -> Array<Nullable<Text>>,
        /// Only these types, in the catalogue's names; none means all
        event_types -> Nullable<Array<Nullable<Text>>>,
        /// Only what is about this object
        object_id -> Nullable<Uuid>,
        /// Only what was owed, or happened, at or after this time
        since -> Timestamptz,
        /// Only what was owed, or happened, before this time
        until -> Timestamptz,
        /// Also events that were not sent because the receiver was disabled
        include_skipped -> Bool,
        /// Deliveries a second at most
        rate_per_second -> Int4,
        /// Running until the last one was attempted
        status -> Text,
        /// Why it failed, in words
        status_reason -> Nullable<Text>,
        /// How many there are; null until they are counted
        total -> Nullable<Int8>,
        /// How many were attempted again
        done -> Int8,
        /// The last delivery or event looked at, both being ids by time: where it goes on
        cursor -> Uuid,
        /// Deliveries owed again and not attempted yet: no more are handed out while these are many
        in_hand -> Array<Nullable<Uuid>>,
        /// Who asked for it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// When it was completed, cancelled or failed
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Who gets a report: members, and addresses that said yes
    report_recipients (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as rcp_…
        id -> Uuid,
        /// The report
        report_id -> Uuid,
        /// The member; none for an address of somebody who is none
        user_id -> Nullable<Uuid>,
        /// The address of somebody who is no member
        email -> Nullable<Text>,
        /// The same in the form in which addresses are compared
        email_key -> Nullable<Text>,
        /// Language tag of the letters; the member's, else the institution's, where there is none
        locale -> Nullable<Text>,
        /// Unconfirmed until the person said yes; active; unsubscribed by the person
        status -> Text,
        /// Sealed: what the tokens in this recipient's letters are made of
        secret -> Bytea,
        /// SHA-256 of the token that ends it
        leave_hash -> Bytea,
        /// SHA-256 of the token that says yes, while that is waited for
        confirm_hash -> Nullable<Bytea>,
        /// Until when it works
        confirm_until -> Nullable<Timestamptz>,
        /// Letters that asked for a yes, which also number their tokens
        asks -> Int4,
        /// When the last of them was promised
        asked_at -> Nullable<Timestamptz>,
        /// When the next letter is due; none where none is
        next_run_at -> Nullable<Timestamptz>,
        /// Why the last letter was not sent, of which the report's owner was told
        trouble -> Nullable<Text>,
        /// When the recipient was added
        created_at -> Timestamptz,
        /// When the person said yes
        confirmed_at -> Nullable<Timestamptz>,
        /// When the person wanted no more
        unsubscribed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// One letter of a report to one recipient about one period, promised or not sent and why
    report_runs (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as rrn_…
        id -> Uuid,
        /// The report
        report_id -> Uuid,
        /// To whom
        recipient_id -> Uuid,
        /// First day of the period
        period_from -> Date,
        /// Its last day
        period_to -> Date,
        /// The IANA zone in which these are days
        time_zone -> Text,
        /// The moment whose numbers are told
        as_of -> Timestamptz,
        /// Promised; sent, refused, suspended or failed as its letter was; empty where nothing happened; skipped for a reason
        status -> Text,
        /// Why it was skipped
        reason -> Nullable<Text>,
        /// The numbers as CSV, while a link leads to them
        file -> Nullable<Bytea>,
        /// SHA-256 of the token in that link
        file_hash -> Nullable<Bytea>,
        /// Until when the link works and the file is kept
        file_until -> Nullable<Timestamptz>,
        /// When it was promised
        created_at -> Timestamptz,
        /// When it was settled
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Digests that are sent by letter, week by week or month by month
    reports (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as rpt_…
        id -> Uuid,
        /// Shown to people, and in the subject
        name -> Text,
        /// What it tells of: the whole institution, or the groups of each recipient
        kind -> Text,
        /// How long its periods are
        every -> Text,
        /// On which day of the week it is sent, 1 for Monday
        weekday -> Nullable<Int2>,
        /// On which day of the month; the last one where a month is shorter
        month_day -> Nullable<Int2>,
        /// When on that day, as the clocks there show it: minutes from midnight
        minute_of_day -> Int2,
        /// Whose clocks: the institution's, each recipient's, or those of a named zone
        zone_of -> Text,
        /// The named IANA zone
        time_zone -> Nullable<Text>,
        /// How the numbers come as CSV: not at all, with the letter, or behind a link
        csv -> Text,
        /// A period in which nothing happened is told of too
        send_when_empty -> Bool,
        /// Begin of the hours in which a letter that is late is not sent: minutes from midnight
        quiet_from -> Nullable<Int2>,
        /// Their end
        quiet_to -> Nullable<Int2>,
        /// Active, or paused by a person
        status -> Text,
        /// Whose report it is: who is told of recipients that get it no more; none of an integration's
        created_by -> Nullable<Uuid>,
        /// When it was made
        created_at -> Timestamptz,
        /// When it was last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// Which edition of its sums an institution reads, and the one that is being made beside it
    rollups (tenant_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The edition that is read
        edition -> Int4,
        /// Zone of its days
        time_zone -> Text,
        /// When it was made whole; none while it may lack what was there before it was begun
        built_at -> Nullable<Timestamptz>,
        /// A new edition is to be made
        rebuild_wanted -> Bool,
        /// The highest number that an edition was ever given
        last_edition -> Int4,
        /// Nothing is left of editions that are neither read nor made
        is_clean -> Bool,
        /// The edition that is being made; none if none is
        draft_edition -> Nullable<Int4>,
        /// What for: to be read from then on, or to be compared with the one that is
        draft_purpose -> Nullable<Text>,
        /// Zone of its days
        draft_time_zone -> Nullable<Text>,
        /// Learners up to this one are in it and are followed; the highest id once all are
        draft_after -> Nullable<Uuid>,
        /// When it was begun
        draft_begun_at -> Nullable<Timestamptz>,
        /// When the row last changed
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    /// What people prove beside their password: one-time passwords of an authenticator
    second_factors (tenant_id, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The person
        user_id -> Uuid,
        /// What the authenticator knows, sealed
        secret -> Bytea,
        /// Span of time of the newest password that was taken: none is taken twice
        last_step -> Int8,
        /// When it was begun
        created_at -> Timestamptz,
        /// When the first password was right; until then none is asked for
        confirmed_at -> Nullable<Timestamptz>,
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
    /// Events that an endpoint asks for by type and was not sent, and why
    skips (tenant_id, webhook_id, event_id) {
        /// The institution
        tenant_id -> Uuid,
        /// The receiver
        webhook_id -> Uuid,
        /// The event
        event_id -> Uuid,
        /// Its type
        event_type -> Text,
        /// Its object
        object_id -> Uuid,
        /// Its scope leaves the event out, it is disabled, or it waits for approval
        reason -> Text,
        /// When that was decided
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// People of the platform, each with one token, who act on behalf of institutions
    staff (id) {
        /// Shown as stf_…
        id -> Uuid,
        /// Tells people apart; never shown to an institution
        email -> Text,
        /// Shown to the institutions that the person acted for
        name -> Text,
        /// What the person may do
        role -> Text,
        /// SHA-256 of the whole token; the token itself is kept nowhere
        hash -> Bytea,
        /// Last four characters, to tell tokens apart
        last4 -> Text,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the token stops working; none means never
        expires_at -> Nullable<Timestamptz>,
        /// Last use, kept to the minute
        last_used_at -> Nullable<Timestamptz>,
        /// When the token was revoked
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What the staff did to their own accounts; rows are added and never changed
    staff_log (id) {
        /// Names the entry
        id -> Uuid,
        /// When it was done
        at -> Timestamptz,
        /// Whose account it is
        staff_id -> Uuid,
        /// What was done, object.verb in the past tense
        action -> Text,
        /// Request that did it; none from the command line
        request_id -> Nullable<Text>,
        /// Address that the request came from
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// What is taken once instead of a one-time password, when the authenticator is lost
    staff_recovery_codes (staff_id, hash) {
        /// The person
        staff_id -> Uuid,
        /// SHA-256 of the code: it has 80 random bits
        hash -> Bytea,
        /// When it was taken
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What the staff prove beside their token: one-time passwords of an authenticator
    staff_second_factors (staff_id) {
        /// The person
        staff_id -> Uuid,
        /// What the authenticator knows, sealed
        secret -> Bytea,
        /// Span of time of the newest password that was taken: none is taken twice
        last_step -> Int8,
        /// When it was begun
        created_at -> Timestamptz,
        /// When the first password was right; until then none is asked for
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Hours in which somebody of the staff works, opened with the token and a second factor
    staff_sessions (id) {
        /// Shown as sts_…
        id -> Uuid,
        /// The person
        staff_id -> Uuid,
        /// SHA-256 of the session's token
        hash -> Bytea,
        /// When it was opened
        created_at -> Timestamptz,
        /// When it ends by itself
        expires_at -> Timestamptz,
        /// When it was ended
        ended_at -> Nullable<Timestamptz>,
        /// Where it was opened from
        address -> Text,
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
        /// When the last announced change was made
        updated_at -> Timestamptz,
        /// Of the time spent, what came after the last announcement: time alone inside a course or lesson is not announced
        untold_seconds -> Int8,
        /// Since when the lesson need not be done by the learner, and counts as if it were
        waived_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What is requested: one receiver, its event types and its objects, each with an outcome of its own
    subscription_request_items (tenant_id, request_id, number) {
        /// The institution
        tenant_id -> Uuid,
        /// The request
        request_id -> Uuid,
        /// From 1, as they were filed
        number -> Int4,
        /// Where deliveries are to go, normalised
        url -> Text,
        /// Event types in the dialect's names; * means all
        events -> Array<Nullable<Text>>,
        /// Course, lesson and item ids that it is limited to; none means all
        scope_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Kind of each of them: course, lesson or item
        scope_kinds -> Nullable<Array<Nullable<Text>>>,
        /// What became of this item
        outcome -> Text,
        /// Of the types, those that were approved
        approved_events -> Array<Nullable<Text>>,
        /// The receiver that was made or found for it
        webhook_id -> Nullable<Uuid>,
        /// The subscription that it became
        subscription_id -> Nullable<Uuid>,
        /// What came of support's last test
        test -> Nullable<Jsonb>,
    }
}

diesel::table! {
    /// Requests to support for subscriptions
    subscription_requests (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as srq_…
        id -> Uuid,
        /// The institution's own key: the same request twice is one
        external_id -> Nullable<Text>,
        /// SHA-256 of what was requested, to tell a repeat from another request under the same key
        fingerprint -> Bytea,
        /// How the receivers want to be spoken to
        dialect -> Text,
        /// Why, in the requester's words
        reason -> Text,
        /// Open while requested or testing; approved also where only a part was
        status -> Text,
        /// Why, in the words of whoever decided
        decision -> Nullable<Text>,
        /// Who of the staff decided; none where time did or the institution withdrew it
        decided_by -> Nullable<Uuid>,
        /// What that person was called then
        decided_name -> Nullable<Text>,
        /// Who filed it; none where an integration did
        filed_by -> Nullable<Uuid>,
        /// What the filer was called then
        filed_name -> Text,
        /// When it was filed
        created_at -> Timestamptz,
        /// When it last changed
        updated_at -> Timestamptz,
        /// When it expires if nobody decides
        expires_at -> Timestamptz,
        /// When it was decided, expired or withdrawn
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What an endpoint is told of; an event is owed to it once if any of them matches
    subscriptions (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as sub_…
        id -> Uuid,
        /// The endpoint
        webhook_id -> Uuid,
        /// Event types in the dialect's names; * means all
        events -> Array<Nullable<Text>>,
        /// Course, lesson and item ids that it is limited to; none means all
        scope_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Kind of each of them: course, lesson or item
        scope_kinds -> Nullable<Array<Nullable<Text>>>,
        /// Whose it is: the institution's own, support's, or from a request that support approved
        source -> Text,
        /// The request that it came from
        request_id -> Nullable<Uuid>,
        /// Who made it
        created_by -> Nullable<Uuid>,
        /// When the row was made
        created_at -> Timestamptz,
        /// When the row last changed
        updated_at -> Timestamptz,
        /// Tombstone
        deleted_at -> Nullable<Timestamptz>,
        /// Who of the platform's staff made it, as the person was called then
        made_by -> Nullable<Text>,
        /// Why, in that person's words
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// Addresses that nothing is sent to any more
    suspended_addresses (tenant_id, address_hash) {
        /// The institution
        tenant_id -> Uuid,
        /// SHA-256 of the address in lower case
        address_hash -> Bytea,
        /// The address as it may be shown
        recipient -> Text,
        /// The letter that came back
        letter_id -> Uuid,
        /// What the mail server said
        reason -> Text,
        /// Since when
        suspended_at -> Timestamptz,
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
        /// Which application took it; none for the other kinds
        application_id -> Nullable<Uuid>,
        /// Networks (CIDR) that it may be used from; none means anywhere
        ip_allowlist -> Array<Nullable<Text>>,
        /// The only courses that there are for its holder; null means all
        course_ids -> Nullable<Array<Nullable<Uuid>>>,
        /// Abilities that it was ever used for
        used_abilities -> Array<Nullable<Text>>,
        /// The token that it was made in place of
        replaces -> Nullable<Uuid>,
        /// The token that was made in its place; until it expires both work
        replaced_by -> Nullable<Uuid>,
        /// When that was made
        rotated_at -> Nullable<Timestamptz>,
        /// When somebody reported that it lies in the open
        leaked_at -> Nullable<Timestamptz>,
        /// Its people were told that it expires: 1 a week before, 2 a day before
        told -> Int2,
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
        /// Item that this is a copy of
        source_id -> Nullable<Uuid>,
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
        /// Training that this is a copy of
        source_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    /// By which words a person is found; kept by the table of people, which is why nothing refers to it
    user_words (tenant_id, word, user_id) {
        /// The institution
        tenant_id -> Uuid,
        /// In lower case: a part of the name, the address or the external id
        word -> Text,
        /// The person
        user_id -> Uuid,
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
        /// When all that told who this is was erased; the row remains as a former learner
        erased_at -> Nullable<Timestamptz>,
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
        /// Of the institution, for itself
        description -> Text,
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
        /// How webhook-signature is made: v1 by HMAC with a shared secret, v1a by an ed25519 key pair
        signature_scheme -> Text,
        /// What a receiver verifies v1a with; shown as whpk_…
        public_key -> Nullable<Text>,
        /// The secret before the last rotation, sealed; signs beside the present one during the overlap
        previous_secret -> Nullable<Bytea>,
        /// When it stops signing
        previous_secret_until -> Nullable<Timestamptz>,
        /// Headers of the institution's own, sent with each attempt: a sealed JSON object
        headers -> Nullable<Bytea>,
        /// Their names, in lower case, to be shown
        header_names -> Array<Nullable<Text>>,
        /// Updates of one object within so many seconds are sent as the last of them; 0 sends each
        coalesce_seconds -> Int4,
        /// The events of one object are sent strictly one after the other
        ordered -> Bool,
        /// Most attempts at the same time; none means the server's own limit
        max_in_flight -> Nullable<Int4>,
        /// Most attempts in a second; none means no limit
        rate_per_second -> Nullable<Int4>,
        /// What the institution was told of the present failure: 0 nothing, 1 that it fails, 2 that the last day has begun
        failing_told -> Int2,
        /// Last test of the present address that was received; none until then
        pinged_at -> Nullable<Timestamptz>,
        /// Failures since the last success
        failed_attempts -> Int4,
        /// Start of the latest of them
        last_failed_at -> Nullable<Timestamptz>,
        /// What was the matter with it, in words
        last_error -> Nullable<Text>,
        /// When its people were last told that it fails
        told_at -> Nullable<Timestamptz>,
        /// When the server switched it off
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Statements of the Experience API as they came in; the id makes a statement count once, for ever
    xapi_statements (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// The statement's own id; progress_events has it as xapi:<id>
        id -> Uuid,
        /// The learner whom its actor is
        user_id -> Uuid,
        /// SHA-256 of what it says, to tell a statement that is sent again from another of the same id
        digest -> Bytea,
        /// Whole, as it was given
        statement -> Jsonb,
        /// When it was accepted
        received_at -> Timestamptz,
    }
}

diesel::table! {
    /// The ledger of points: rows are added and never changed, and what was wrong is corrected by another row
    xp_entries (tenant_id, id) {
        /// The institution
        tenant_id -> Uuid,
        /// Shown as xpe_…
        id -> Uuid,
        /// The learner
        user_id -> Uuid,
        /// Key of the rule; correction for what somebody entered
        rule -> Text,
        /// Version of the rule
        rule_version -> Int4,
        /// The sender's own id of the activity; of a correction its own key
        source -> Text,
        /// What the rule gives for once: the id of what was completed, or the date
        once -> Text,
        /// Points; 0 where the cap of the date was reached or the institution has switched the rule off
        amount -> Int4,
        /// The learner's date, on which caps count
        local_date -> Date,
        /// IANA zone in which it was that date
        tz -> Text,
        /// Week of the leaderboard that it counts in, by its Monday; none for what was told too late
        week -> Nullable<Date>,
        /// Month of the leaderboard that it counts in, by its first; none for what was told too late
        month -> Nullable<Date>,
        /// When it was done
        occurred_at -> Timestamptz,
        /// When it was counted
        created_at -> Timestamptz,
        /// The entry that it takes back
        corrects -> Nullable<Uuid>,
        /// Why somebody entered it
        note -> Nullable<Text>,
        /// Person or token that entered it; none for what a rule gave
        entered_by -> Nullable<Uuid>,
    }
}

diesel::joinable!(applications -> institutions (tenant_id));
diesel::joinable!(audit_log -> institutions (tenant_id));
diesel::joinable!(course_shares -> institutions (tenant_id));
diesel::joinable!(courses -> institutions (tenant_id));
diesel::joinable!(data_set_members -> institutions (tenant_id));
diesel::joinable!(exports -> institutions (tenant_id));
diesel::joinable!(followers -> institutions (tenant_id));
diesel::joinable!(game_settings -> institutions (tenant_id));
diesel::joinable!(groups -> institutions (tenant_id));
diesel::joinable!(history_imports -> institutions (tenant_id));
diesel::joinable!(idempotency_keys -> institutions (tenant_id));
diesel::joinable!(import_files -> institutions (tenant_id));
diesel::joinable!(imports -> institutions (tenant_id));
diesel::joinable!(institution_exports -> institutions (tenant_id));
diesel::joinable!(learning_paths -> institutions (tenant_id));
diesel::joinable!(letters -> institutions (tenant_id));
diesel::joinable!(reports -> institutions (tenant_id));
diesel::joinable!(rollups -> institutions (tenant_id));
diesel::joinable!(staff_log -> staff (staff_id));
diesel::joinable!(staff_recovery_codes -> staff_second_factors (staff_id));
diesel::joinable!(staff_second_factors -> staff (staff_id));
diesel::joinable!(staff_sessions -> staff (staff_id));
diesel::joinable!(subscription_requests -> institutions (tenant_id));
diesel::joinable!(subscriptions -> institutions (tenant_id));
diesel::joinable!(suspended_addresses -> institutions (tenant_id));
diesel::joinable!(tokens -> institutions (tenant_id));
diesel::joinable!(users -> institutions (tenant_id));
diesel::joinable!(webhooks -> institutions (tenant_id));

diesel::allow_tables_to_appear_in_same_query!(
    achievements,
    activity_days,
    activity_gaps,
    activity_levels,
    activity_retention,
    activity_totals,
    applications,
    attempts,
    audit_log,
    board_opt_outs,
    board_periods,
    board_scores,
    board_teams,
    cefr_documents,
    cefr_evidence,
    cefr_levels,
    cefr_profiles,
    cefr_rise_tallies,
    cefr_rises,
    cefr_tallies,
    cefr_targets,
    course_shares,
    course_slugs,
    course_starts,
    course_versions,
    courses,
    credentials,
    data_set_members,
    deliveries,
    enrolment_changes,
    enrolments,
    enrolments_counted,
    enrolments_due,
    erasures,
    events,
    exports,
    followers,
    freeze_entries,
    game_settings,
    games,
    group_enrolments,
    group_managers,
    group_members,
    groups,
    history_imports,
    idempotency_keys,
    import_file_parts,
    import_files,
    import_rows,
    imports,
    institution_export_parts,
    institution_exports,
    institutions,
    invitations,
    learner_zones,
    learning_days,
    learning_path_courses,
    learning_paths,
    legal_holds,
    lesson_waivers,
    lessons,
    letters,
    member_tallies,
    memberships,
    outbox,
    password_resets,
    path_enrolments,
    paused_queues,
    payloads,
    progress_events,
    queue_jobs,
    recovery_codes,
    replays,
    report_recipients,
    report_runs,
    reports,
    rollups,
    second_factors,
    sign_in_failures,
    skips,
    staff,
    staff_log,
    staff_recovery_codes,
    staff_second_factors,
    staff_sessions,
    standings,
    subscription_request_items,
    subscription_requests,
    subscriptions,
    suspended_addresses,
    tokens,
    training_items,
    trainings,
    user_words,
    users,
    webhooks,
    xapi_statements,
    xp_entries,
);
