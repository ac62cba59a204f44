"""A small cycle folder with everything in it: data as CSV, all nine decision documents, no mistakes.

A ticket office in three classes, three needs (one of them served by nothing), two waves of answers, a process
that got better, an improvement, cases. Made with a fixed seed; small enough that the nine steps take seconds.
"""

import csv
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

HEAD = """\
name = "Small cycle"
organization = "Ticket office"
currency = "EUR"
period = { start = 2025-01-01, end = 2025-12-31 }

[settings]
draws = 200

[[waves]]
id = "w1"
date = 2025-02-01

[[waves]]
id = "w2"
date = 2025-10-01
"""

SOURCES = """
[data.register]
table = "customers"
files = "data/customers.csv"

[data.register.columns]
customer_id = "Customer"
since = "Since"

[data.register.attributes]
region = "Region"

[data.survey]
table = "answers"
files = "data/answers.csv"

[data.survey.columns]
respondent_id = "Respondent"
customer_id = "Customer"
wave = "Wave"
date = "Date"
subject = "Subject"

[data.survey.items]
q_fast = "Fast"
q_kind = "Kind"
q_clean = "Clean"
overall = "Overall"

[data.comments]
table = "verbatims"
files = "data/comments.csv"

[data.comments.columns]
verbatim_id = "Id"
customer_id = "Customer"
channel = "Channel"
date = "Date"
text = "Text"

[data.shop]
table = "sales"
files = "data/sales.csv"

[data.shop.columns]
sale_id = "No"
customer_id = "Customer"
date = "Date"
version = "Version"
amount = "Amount"

[data.process]
table = "measurements"
files = "data/waiting.csv"

[data.process.columns]
characteristic = { constant = "waiting" }
at = "When"
value = "Minutes"
"""

ITEMS = """\
id,text,kind,need,scale_min,scale_max
q_fast,I am served fast,satisfaction,fast,1,5
q_kind,Staff are kind,satisfaction,kind,1,5
q_clean,The hall is clean,satisfaction,clean,1,5
overall,All in all,overall,,1,5
"""

DECISIONS = {
    "step1.toml": """\
[[classes]]
id = "north"
name = "North"
rule = [{ field = "region", one_of = ["north"] }]

[[classes]]
id = "south"
name = "South"
rule = [{ field = "region", one_of = ["south"] }]

[key_customers]
why = "they come every month"
loyal = { orders_at_least = 5 }
important = { abc = ["A"] }

[[processes]]
id = "counter"
name = "Counter"
owner = "head of the counter"
""",
    "supplies.csv": "id,supplier,customer,what,serves\ns1,counter,north,tickets,fast\n",
    "step2.toml": '[[competitors]]\nid = "rival"\nname = "The other office"\n',
    "step3.toml": "unknown_limit = 0.2\n",
    "needs.csv": "id,name\nfast,Serve me fast\nkind,Be kind\nclean,Keep it clean\n",
    "rules.csv": "need,phrases\nfast,wait;queue;slow\nkind,rude;friendly\n",
    "assumptions.csv": "need,importance_rank,predicted,by,stated_on\n"
    "fast,3,4.2,management,2024-12-01\nkind,1,3.0,management,2024-12-01\nclean,2,3.5,management,2024-12-01\n",
    "step4.toml": "",
    "characteristics.csv": "id,name,unit,direction,target,upper_limit,measurement,definition,source\n"
    "waiting,Waiting time,min,lower,4,9,waiting,from entering to being served,counter system\n"
    "training,Training hours,h,higher,8,,,hours a year,personnel office\n",
    "relationships.csv": "need,characteristic,strength\nfast,waiting,9\nkind,training,3\n",
    "roof.csv": "a,b,sign\nwaiting,training,+\n",
    "step5.toml": 'first_cycle = true\n\n[charter]\ntitle = "Faster"\nmission = "Nobody waits long."\n',
    "opportunities.csv": "id,need,name,chosen\nopp-fast,fast,Shorter waiting,true\n",
    "step6.toml": "start = 2025-03-01\nbudget = 5000\nopening_balance = 4000\n",
    "projects.csv": "id,name,opportunity,benefit_low,benefit_likely,benefit_high\n"
    "counter,Second counter,opp-fast,1000,3000,5000\n",
    "activities.csv": "id,project,name,owner,duration_days,after,cost,characteristics,status,done_on\n"
    "a1,counter,Build it,head of the hall,30,,2000,waiting,done,2025-03-31\n"
    "a2,counter,Train staff,head of the counter,10,a1,500,waiting,done,2025-04-10\n",
    "step7.toml": "",
    "control_plan.csv": "id,characteristic,chart,activity,sample,frequency,responder,reaction\n"
    "ci_waiting,waiting,imr,a2,one customer,daily,head of the counter,open a second counter\n",
    "phases.csv": "label,start\nbefore,2025-01-01\nafter,2025-04-15\n",
    "step8.toml": "",
    "follow_ups.csv": "id,name,control_items,days_after,items,owner\n"
    "fu,After the visit,ci_waiting,3,q_fast,head of the counter\n",
    "watches.csv": "id,item,since,control_item,responder,reaction\n"
    "w_fast,q_fast,2025-09-01,ci_waiting,head of the counter,ask why\n",
    "cases.csv": "id,kind,opened,acknowledged,closed,need,cause,outcome,satisfied\n"
    "k1,complaint,2025-05-02,2025-05-03,2025-05-10,fast,too few hands,solved,true\n"
    "k2,complaint,2025-06-02,2025-06-03,2025-06-12,kind,no training,solved,true\n"
    "k3,request,2025-11-20,2025-11-21,,clean,,,\n",
    "returns.csv": "need,activity,message,told_on,told\nfast,a2,You said it is slow. There is a second counter.,"
    "2025-06-01,12\n",
    "step9.toml": "reviewed_on = 2025-12-20\n",
    "effects.csv": "id,improvement,project,need,outcome,item,design,start,unit,placebo\n"
    "e1,Second counter,counter,fast,satisfaction,q_fast,interrupted_time_series,2025-04-15,month,2025-03-01\n",
    "carried.csv": "need,reason\nclean,nothing serves it yet\n",
}


def write_cycle(folder: Path) -> Path:
    """Writes the cycle folder into `folder` and gives it back."""
    (folder / "decisions").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "cycle.toml").write_text(HEAD + SOURCES, encoding="utf-8")
    (folder / "items.csv").write_text(ITEMS, encoding="utf-8")
    for name, text in DECISIONS.items():
        (folder / "decisions" / name).write_text(text, encoding="utf-8")
    _write_data(folder / "data", Random(20250101))
    return folder


def _write_data(folder: Path, chance: Random) -> None:
    people = [f"c{number:03d}" for number in range(60)]
    regions = {one: chance.choice(["north", "south"]) for one in people}
    _csv(
        folder / "customers.csv",
        ["Customer", "Since", "Region"],
        ([one, date(2020, 1, 1) + timedelta(days=chance.randrange(1500)), regions[one]] for one in people),
    )
    _csv(
        folder / "answers.csv",
        ["Respondent", "Customer", "Wave", "Date", "Subject", "Fast", "Kind", "Clean", "Overall"],
        _answers(people, chance),
    )
    _csv(folder / "comments.csv", ["Id", "Customer", "Channel", "Date", "Text"], _comments(people, chance))
    _csv(folder / "sales.csv", ["No", "Customer", "Date", "Version", "Amount"], _sales(people, chance))
    _csv(folder / "waiting.csv", ["When", "Minutes"], _waiting(chance))


def _answers(people: list[str], chance: Random) -> Iterable[list[object]]:
    for number in range(240):
        day = date(2025, 1, 5) + timedelta(days=number * 3 // 2)
        better = 0.8 if day >= date(2025, 4, 15) else 0
        fast = _score(2.8 + better, chance)
        kind, clean = _score(3.9, chance), _score(3.4, chance)
        overall = round((fast + kind + clean) / 3)
        who = [f"r{number:03d}", chance.choice(people), "w1" if day < date(2025, 7, 1) else "w2", day]
        yield [*who, "us", fast, kind, clean, overall]
        if number % 2:
            yield [*who, "rival", _score(3.3, chance), _score(3.5, chance), _score(3.4, chance), ""]


def _score(mean: float, chance: Random) -> int:
    return min(5, max(1, round(chance.gauss(mean, 0.9))))


def _comments(people: list[str], chance: Random) -> Iterable[list[object]]:
    said = ["long wait", "the queue is slow", "friendly people", "rude at the counter", "no seats", "cold hall"]
    for number in range(60):
        channel = "interview" if number < 20 else "survey"
        day = date(2025, 1, 10) + timedelta(days=number * 5)
        yield [f"v{number:03d}", chance.choice(people), channel, day, chance.choice(said)]


def _sales(people: list[str], chance: Random) -> Iterable[list[object]]:
    for number in range(500):
        day = date(2025, 1, 1) + timedelta(days=chance.randrange(360))
        version = "new" if day >= date(2025, 4, 15) else "old"
        who = people[int(len(people) * chance.random() ** 2)]
        yield [f"s{number:03d}", who, day, version, round(chance.uniform(5, 60), 2)]


def _waiting(chance: Random) -> Iterable[list[object]]:
    for number in range(200):
        moment = datetime(2025, 1, 2, 9) + timedelta(days=number)
        yield [moment.isoformat(), round(chance.gauss(7 if moment < datetime(2025, 4, 15) else 5, 1), 2)]


def _csv(file: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
