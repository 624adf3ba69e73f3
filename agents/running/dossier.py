"""Everything that is kept of one run, as a file."""

import json

from agents.running.desk import RunsDesk


def as_json(desk: RunsDesk, run_id: str) -> bytes:
    """The run's row, events, steps and calls with their prompts and answers; NotFound when there is none."""
    texts = {call.call_id: desk.call_text(call.call_id) for call in desk.calls(run_id)}
    whole = {
        "run": vars(desk.run(run_id)),
        "tags": list(desk.line(run_id).tags),
        "events": [vars(event) for event in desk.events(run_id)],
        "steps": [vars(bar) for bar in desk.waterfall(run_id)],
        "calls": [
            {**vars(call), "text": vars(text) if (text := texts[call.call_id]) else None}
            for call in desk.calls(run_id)
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str).encode()
