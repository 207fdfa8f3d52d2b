"""The peers that live in Python, one job a process: python bench/peers.py <job> <arguments>. Prints a count."""
import sys

TYPES = """{dialogue_id: 'VARCHAR', session_type: 'VARCHAR',
  user_profile: 'STRUCT(age_range VARCHAR, concern VARCHAR, mood_score INTEGER)',
  messages: 'STRUCT("role" VARCHAR, "text" VARCHAR, "timestamp" VARCHAR, intent VARCHAR, sentiment VARCHAR, risk_level VARCHAR)[]',
  labels: 'STRUCT(primary_intent VARCHAR, overall_sentiment VARCHAR, max_risk_level VARCHAR, therapeutic_technique VARCHAR, synthetic BOOLEAN, generated_at VARCHAR)'}"""


def lines_of(file):
    with open(file, "rb") as source:
        return sum(piece.count(b"\n") for piece in iter(lambda: source.read(1 << 20), b""))


def ijson_count(file):
    import ijson

    with open(file, "rb") as source:
        return sum(1 for _ in ijson.items(source, "item"))


def duckdb_count(file):
    import duckdb

    query = f"SELECT count(*), sum(len(messages)) FROM read_json('{file}', columns = {TYPES})"
    return duckdb.sql(query).fetchall()[0][0]


def duckdb_apply(dataset, reviews, output):
    import duckdb

    duckdb.sql(f"""COPY (
        SELECT d.* REPLACE (struct_insert(d.labels, clinician_approved := true, review_status := r.status,
                                          reviewed_at := r.reviewed_at) AS labels)
        FROM read_json('{dataset}', columns = {TYPES}) d
        JOIN (SELECT unnest(reviews, recursive := true) FROM read_json('{reviews}', maximum_object_size = 1000000000)) r
          USING (dialogue_id)
        WHERE r.status = 'approved') TO '{output}' (FORMAT json)""")
    return lines_of(output)


def duckdb_merge(output, *files):
    import duckdb

    names = ", ".join(f"'{file}'" for file in files)
    duckdb.sql(f"""COPY (
        SELECT DISTINCT ON (dialogue_id) * FROM (
          SELECT DISTINCT ON (list_transform(messages, lambda m: (m.role, m.text))) *
          FROM read_json([{names}], columns = {TYPES}))) TO '{output}' (FORMAT json)""")
    return lines_of(output)


def format_generate(count, output):
    """What simple template tools do: one random string for each slot, two messages, nothing compared with anything."""
    import json
    import random

    rng = random.Random(1)
    people = [f"my {who}" for who in ("boss", "sister", "friend", "partner", "mother", "flatmate")]
    things = [f"the {what}" for what in ("meeting", "dinner", "exam", "silence", "email", "move")]
    opening = "I have been feeling {feeling} since {thing} with {person}, and it will not leave me alone."
    reply = "It makes sense that you feel {feeling} after {thing}. What was the hardest part of it with {person}?"
    with open(output, "w") as file:
        for index in range(int(count)):
            slots = {
                "feeling": rng.choice(["anxious", "sad", "angry", "lost", "tired", "ashamed"]),
                "thing": rng.choice(things),
                "person": rng.choice(people),
            }
            dialogue = {
                "dialogue_id": f"syn_{index:06d}",
                "session_type": rng.choice(["check-in", "gentle_deep", "micro_practice"]),
                "user_profile": {"age_range": "20-25", "concern": "anxiety", "mood_score": rng.randint(1, 10)},
                "messages": [
                    {"role": "user", "text": opening.format(**slots)},
                    {"role": "assistant", "text": reply.format(**slots), "intent": "validate", "risk_level": "none"},
                ],
                "labels": {"primary_intent": "validate", "max_risk_level": "none", "synthetic": True},
            }
            file.write(json.dumps(dialogue) + "\n")
    return lines_of(output)


job, *arguments = sys.argv[1:]
print(globals()[job.replace("-", "_")](*arguments))
