"""See what would change one person's decision, and how far each group must move."""

import streamlit as st

from components.app import asking, audit_head, session, steps
from components.explanation import recourse_charts
from components.explanation.recourse_form import recourse_form
from components.explanation.recourse_view import show_counterfactuals
from components.widgets.charts import show
from components.widgets.coverage_label import coverage_label
from components.widgets.person_choice import person_picker
from core.audit_state.results import model_results as kept
from core.explanation.counterfactual.recourse import RecourseSpec
from core.explanation.proxies.proxy_flips import proxy_flips
from core.storage.canonical import key

audit_head.heading("recourse")
state = session.require_training(
    "recourse", "without the model that made them nobody can be decided again"
)
trained = session.require_model(state)
dataset = session.dataset(state)
coverage_label("explanations", state)
key_prefix = f"{state.id} recourse {session.decisions_key(state)}"
rules = recourse_form(dataset, key_prefix)

st.header("What would change it for one person")
st.markdown(
    "A **counterfactual** is a small change of somebody's features after which the model would "
    "decide otherwise. It must be **plausible**: like real people who got that decision."
)
position = person_picker(trained, dataset)
found = asking.compute(
    state,
    lambda to: kept.load_or_find_counterfactuals(to, state, dataset, trained, position, rules),
    "Searching for the smallest changes",
    f"{key_prefix} {key('', rules)} changes {position}",
)
if found is not None:
    show_counterfactuals(found, dataset, trained, position)

st.header("Recourse by group: how far each must move")
st.markdown(
    "**Recourse** is a change within the rules above that gains the favourable decision. If one "
    "group must move further than another, or more of its people have none, the model leaves them "
    "less say in their own fate, even where its error rates are equal."
)
left, right = st.columns(2)
attribute = left.selectbox(
    "Compare people by", dataset.roles.sensitive, **session.lasting(f"{key_prefix} by")
)
people = right.number_input(
    "People of each group", 10, 1000, 30, **session.lasting(f"{key_prefix} people"),
    help="So many unfavourably decided rows of each group are drawn and searched for.",
)  # fmt: skip
asked = RecourseSpec(attribute, rules, int(people), trained.spec.seed)
name = f"{key_prefix} {key('', asked)}"
if session.remembered(f"begun {name}", False) or st.button(
    "Search for a sample of each group", icon=":material/search:", key=f"begin {name}"
):
    session.remember(f"begun {name}", True)
    by_group = asking.follow(
        state,
        lambda place: kept.load_or_find_recourse(place, state, dataset, trained, asked),
        "Searching for people's recourse",
        name,
    )
    if by_group is not None:
        show(recourse_charts.share_chart(by_group), f"{name} share")
        show(recourse_charts.cost_chart(by_group), f"{name} cost")

st.header("Counterfactual fairness")
st.markdown(
    "Would a person be decided the same in another group, with all that depends on the group "
    "changed too? What depends on it (a **proxy**) only people can declare; it is set to what is "
    "typical in the other group: the median or the most frequent category."
)
proxies = st.multiselect(
    f"Proxies of {session.literal(attribute)}",
    [str(column) for column in dataset.features.columns],
    placeholder="Choose features",
    **session.lasting(f"{key_prefix} proxies {attribute}"),
)
if proxies:
    flips = asking.follow(
        state,
        lambda _: proxy_flips(dataset, trained, attribute, tuple(proxies)),
        "Deciding again",
        f"{key_prefix} {attribute} {proxies}",
    )
    if flips is not None:
        show(
            recourse_charts.proxy_chart(flips, f"“{dataset.decision_labels.told(True)}”"),
            f"{key_prefix} {attribute} {proxies} flips",
        )
else:
    st.info("Choose at least one proxy. The page on individual fairness flips the attribute alone.")
steps.next_step("recourse", state)
