"""Every session key and URL parameter: name, default, meaning, pages, in one table.

The address says what is on screen, in the words of the code: `/feature-maps?layer=conv2
&unit=17`. `read_url` takes it over on a first visit, a shared link or the back button;
`write_url` keeps it true. (Streamlit's own `bind="query-params"` writes the labels that
the visitor reads, which change with the language.)
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import streamlit as st

from model.analysis.filters import By
from ui.kit import state_key
from ui.kit.state_key import StateKey
from viz.filters import Scaling
from viz.mosaic import Scale

T = TypeVar("T")

_LOOKING = (
    "home",
    "lesson",
    "filters",
    "feature_maps",
    "similar_images",
    "augmentation",
    "quiz",
)

PICTURE = StateKey("picture", "coffee", "the sample looked at, or 'own'", _LOOKING)
WEIGHTS = StateKey(
    "weights",
    "tiny-imagenet",
    "the weight set shown",
    ("filters", "feature_maps", "similar_images", "augmentation", "teach", "quiz"),
)
NETWORK = StateKey("network", "simplified", "the network drawn", ("architecture",))
COMPARE = StateKey("compare", "original", "the network beside it", ("architecture",))
CODE_LAYER = StateKey("code_layer", "conv1", "the layer explained", ("architecture",))
LAYER = StateKey("layer", "overview", "the layer of the maps shown", ("feature_maps",))
UNIT = StateKey(
    "unit", -1, "the map or unit pinned in that layer; -1: none", ("feature_maps",)
)
UNIT_NUMBER = StateKey("unit_number", 0, "the number in the field beside it")
PICKS = StateKey("picks", 0, "tiles clicked so far: what one opens comes on screen")
SCALE = StateKey[Scale](
    "scale",
    "best",
    "what is brightest: each map's best on the photographs, its best here, the layer's",
    ("feature_maps",),
)
ORDER = StateKey("order", "index", "order of the maps", ("feature_maps",))
SALIENCY = StateKey(
    "saliency", 0, "1: where in the image it comes from is shown", ("feature_maps",)
)
ARITHMETIC = StateKey(
    "arithmetic", 0, "1: how an activation came about is shown", ("feature_maps",)
)
POSITION = StateKey(
    "position",
    "",
    "the activation shown, as the browser writes it: conv3.17.6.7 is layer, unit, row "
    "and column, and 12 at its end would be the input map beside it",
    ("feature_maps",),
)
POSITION_OF = StateKey("position_of", "", "that, and the unit of the page with it")
CONNECTED = StateKey(
    "connected",
    "usual",
    "what arrives at a unit: usually, or for this picture",
    ("feature_maps",),
)
FILTER = StateKey("filter", 4, "the first-layer filter chosen", ("filters", "lesson"))
SHEET = StateKey("sheet", 0, "1: on a phone the filter is open", ("filters",))
FILTER_SCALE = StateKey[Scaling](
    "filter_scale", "filter", "full contrast: of each filter, or of all", ("filters",)
)
FILTER_ORDER = StateKey[By]("filter_order", "index", "order of filters", ("filters",))
AMONG = StateKey(
    "among", "all", "the images searched for similar ones", ("similar_images",)
)
LOOKING_THROUGH = StateKey(
    "looking_through", "", "weights and images of the index that is being made"
)
TAUGHT = StateKey[Any]("taught", None, "the visitor's own classes and their pictures")
TAUGHT_ACTS = StateKey("taught_acts", 0, "changes to these classes so far")
TAUGHT_FROM = StateKey("taught_from", "", "the pictures that are to fill the classes")
TAUGHT_VIEW = StateKey("taught_view", "right", "what is told of them", ("teach",))
TAUGHT_RANDOM = StateKey(
    "taught_random", False, "whether random weights are looked at beside"
)
REPORTS_BACK = StateKey(
    "reports_back", 0, "the moment of the training, back from its end", ("filters",)
)

ROUND = StateKey("round", "lesson", "the round of the quiz", ("quiz",))
DEAL = StateKey("deal", 1, "the seed of the round and its variants", ("quiz",))
QUESTION = StateKey("question", "", "the question asked; none: the first", ("quiz",))
SEED = StateKey("seed", 0, "the variant of that question; 0: the round's", ("quiz",))
QUESTION_STATES = StateKey[Any]("question_states", (), "the quiz's answers, in order")
MEASURED = StateKey[Any]("measured", {}, "the truth on the picture last asked about")
CLICKED = StateKey("clicked", "", "the layer chosen on the quiz's diagram")
PENDING = StateKey[Any]("pending", (), "answers that are not in the database yet")
TRIED = StateKey("tried", 0.0, "when saving failed last, by the steady clock")
MEMBER = StateKey[Any]("member", None, "who the visitor is in a class, as last known")
WORK = StateKey[Any]("work", None, "all of the member's practice, as last known")
QUIZ_MESSAGE = StateKey("quiz_said", "", "why an answer was not taken, to be said once")
EXAM_PLACE = StateKey("at", 0, "the place in a test; 0: the first", ("quiz",))
RESULT_OF = StateKey("sat", "", "the attempt whose result is looked at", ("quiz",))
EXAM_ATTEMPT = StateKey[Any]("sat_now", None, "the attempt at an exam, as last known")
ATTEMPT_SEEN = StateKey[Any](
    "sat_seen", {}, "variant -> responses known of, and renewed widgets"
)
ATTEMPT_TRIED = StateKey[Any]("sat_tried", None, "the last answer that was sent")
CLICKED_FOR = StateKey("clicked_for", "", "the widgets that CLICKED was last set for")
EXAM_TITLE = StateKey("test_title", "", "the title of a new test")
EXAM_ROUND = StateKey("test_round", "", "the round that its questions are taken from")
EXAM_QUESTIONS = StateKey[Any]("test_questions", None, "its questions, by id")
EXAM_MINUTES = StateKey("test_minutes", 20, "minutes for an attempt; 0: no limit")
EXAM_ATTEMPTS = StateKey("test_sittings", 1, "attempts that a student has")
EXAM_SEED = StateKey("test_seed", 1, "the seed of its order and its numbers")
EXAM_SHUFFLED = StateKey("test_shuffled", True, "whether everybody has their own order")
EXAM_EDITED = StateKey("test_edited", "", "the test that is changed; none: a new one")
EXAM_MESSAGE = StateKey("test_said", "", "why something about a test was refused")
HANDING_IN = StateKey("handing_in", False, "whether handing in is being asked about")
INVENTORY = StateKey[Any]("inventory", None, "the concept inventory, as far as taken")

STEP = StateKey("step", "start", "the step of the lesson", ("lesson",))
REVEAL = StateKey(
    "reveal", 0, "1: the answer to the step's question is shown", ("lesson",)
)
ASKS = StateKey("ask", 0, "1: the question lies over the step", ("lesson",))
CLASS_ANSWERS = StateKey(
    "class_answers", "", "the step, and how often asked, whose answers are on screen"
)
PRESENT = StateKey(
    "present",
    0,
    "1: on a projector, large and without sidebar",
    (
        *("lesson", "relu_vs_tanh", "dropout", "experiments", "teach"),
        *("class_guess", "class_teach", "class"),
    ),
)
NOTES = StateKey("notes", 0, "1: the presenter's notes, not the step", ("lesson",))
PLAN = StateKey("plan", 90, "minutes that the lesson is planned for", ("lesson",))
_READ = (  # the pages that are there in other languages
    *("home", "lesson", "handout", "quiz", "join", "privacy", "claims", "glossary"),
    *("architecture", "feature_maps", "filters", "similar_images", "augmentation"),
    *("training_2012", "relu_vs_tanh", "dropout", "experiments", "teach"),
    *("my_progress", "class_guess", "class_teach", "inventory"),
    *("class", "sign_in"),
)
LANGUAGE = StateKey("lang", "en", "the language of what a visitor reads", _READ)
SPOKEN = StateKey[Any]("spoken", None, "class, its language, the leader's, last seen")
CLASS_LANGUAGE = StateKey("class_language", "", "the language the class follows in")
HANDOUT = StateKey(
    "with", "questions", "what a handout has: questions, answers, notes", ("handout",)
)
FLOW = StateKey("flow", "conv1", "the layer that the lesson's flow shows", ("lesson",))
MASK = StateKey("mask", 1, "the training step whose dropout mask is shown", ("lesson",))
KERNEL = StateKey("kernel", 11, "the size of first filters tried", ("lesson",))
CONVOLUTION = StateKey("see", "hand", "what is shown of a convolution", ("lesson",))
KEEP = StateKey("keep", 4096, "the units of fc6 that may speak", ("lesson",))

CLASS = StateKey(
    "class",
    "",
    "the instructor's class: its id",
    ("lesson", "class", "class_guess", "class_teach"),
)
LEAD = StateKey("lead", 0, "1: the class goes where the instructor goes", ("lesson",))
CLASS_OPEN = StateKey("class_open", True, "whether the class was open when drawn")
LED_MESSAGE = StateKey("led_said", "", "why the class is led no more")
LEADS = StateKey("leads", False, "the switch of the same")
JOIN = StateKey("join", False, "whether the lesson shows how to join")
BRINGS = StateKey("brings", "", "the page that its leader brings the class to")
FOLLOWS = StateKey[Any]("follows", None, "whether the lesson goes where the class goes")
TAKEN = StateKey[Any](
    "taken", None, "the class's position that the lesson has taken over"
)
PLACE = StateKey[Any]("place", None, "the visitor's place in a class, as last known")
LOOKS_AT = StateKey(
    "looks_at", "", "the class that they look at, where they are in several"
)
PARTED = StateKey[Any](
    "parted", None, "what became of a place: a word, and a class's name"
)
IS_KNOWN = StateKey("is_known", False, "whether it is known that they are the one here")
ASKS_WHO = StateKey("asks_who", False, "whether it is asked who is at the browser")
JOIN_AT = StateKey(
    "address", "", "the address that students are told", ("class", "lesson")
)
CODE = StateKey("code", "", "the code to join a class by", ("join",))
CODE_AGAIN = StateKey("code_again", "", "the same, to come back")
OWN_CODE = StateKey("own_code", "", "the code to come back to a class by")
STUDENT_NAME = StateKey("student_name", "", "the name to join a class by")
CLASS_NAME = StateKey("class_name", "", "what a class is to be called")
CLASS_MESSAGE = StateKey("class_said", "", "why a class did not do what was asked")
TAB = StateKey("tab", "", "the tab of the instructor's page")
SHOW_NAMES = StateKey("show_names", False, "whether the class's names are on screen")

RATE = StateKey("rate", 0.2, "the dropout rate: at first the shipped network's own")
SWITCH_CONVS = StateKey("switch_convs", True, "five convolutions, or two")
SWITCH_RELU = StateKey("switch_relu", True, "ReLU, or tanh")
SWITCH_MAX = StateKey("switch_max", True, "max pooling, or average")
SWITCH_DROPOUT = StateKey("switch_dropout", True, "dropout in the code, or not")
_LAB = ("relu_vs_tanh", "dropout", "experiments")

RUN = StateKey("run", "", "the run shown: the engine's id, or a recording's", _LAB)
RELU_PRESET = StateKey("relu", "relu-vs-tanh-2012", "the setting", ("relu_vs_tanh",))
DROPOUT_PRESET = StateKey("dropout", "dropout-small", "the setting", ("dropout",))
IDEA_PRESET = StateKey("idea", "pooling", "the idea tried", ("experiments",))
PRESET_OF = {
    "relu_vs_tanh": RELU_PRESET,
    "dropout": DROPOUT_PRESET,
    "experiments": IDEA_PRESET,
}
CURVE_X = StateKey("against", "epoch", "what curves are drawn against", _LAB)
WHY = StateKey(
    "why", "", "what is looked at inside the networks; none: what decided it", _LAB
)

STUDENTS_START = StateKey(
    "students_start", True, "whether the class's students may start"
)
RUN_OF_PAGE = StateKey[Any]("run_of_page", None, "the run that each page showed last")
UPLOAD_INTAKE = StateKey[Any]("own_intake", None, "the class's zip that is being read")
UPLOAD_OUTCOME = StateKey[Any]("own_outcome", None, "what became of the last one")
UPLOAD_DELETING = StateKey(
    "own_deleting", "", "the images whose deletion is asked about"
)
FACTOR_GUESS = StateKey[float](
    "factor_guess", 0.0, "how many times faster ReLU is, guessed; 0: not yet"
)
FACTOR_SHOWN = StateKey[str](
    "factor_shown", "", "guess or skipped: the factors are shown"
)
REPLAYED = StateKey("replayed", "", "the preset whose recording plays by itself")
TOLD = StateKey[Any]("told", (), "presets of which nothing is held back any more")
LAB_BUSY = StateKey("lab_busy", "", "the visitor's run that another has to wait for")
LAB_MESSAGE = StateKey("lab_said", "", "why the lab did not do what was asked")
VISITOR = StateKey("visitor", "", "whose runs these are, where no cookie says it")
OVERLAY = StateKey("overlay", False, "whether a recording lies over the run")
CHOSEN_RUN = StateKey("chosen_run", "", "the run picked from the list")
COMPARED = StateKey[Any]("compared", None, "the runs drawn on one chart")
NEW_NAME = StateKey("new_name", "", "what a run is to be called")

SETUP = StateKey("setup", "", "the one-time link's token", ("sign_in",))
THEN = StateKey("then", "", "the page to go to once signed in", ("sign_in",))
TICKET = StateKey("ticket", "", "what the browser changes for its cookie")
LEAVING = StateKey("leaving", False, "whether the browser is to clear its cookie")
FORMS = StateKey("forms", 0, "password forms sent; renews their fields")
SIGN_IN_MESSAGE = StateKey("sign_in_said", "", "why somebody was not signed in or out")
ACCOUNT_MESSAGE = StateKey("account_said", "", "why the account was not changed")
ACCOUNT_DONE = StateKey("account_done", "", "what was changed about the account")
INVITED = StateKey("invited", "", "the link made last for another instructor")
SCHOOL_SEEN = StateKey(
    "school_seen", False, "whether the school's answer was dealt with"
)

RESULTS_OF = StateKey(
    "results_of", "", "the test whose answers are shown; none: practice"
)
RESULTS_QUESTION = StateKey(
    "results_question", "", "the question looked at, among answers"
)
BOOK_OF = StateKey("book_of", "", "the test whose gradebook is shown; none: practice")
BOOK_WHICH = StateKey("book_which", "best", "which attempt counts in the gradebook")
BOOK_COLUMNS = StateKey("book_columns", "sums", "what the gradebook's columns are")
BOOK_CSV = StateKey(
    "book_csv", "english", "the spreadsheet that a CSV file is made for"
)
BOOK_PERSON = StateKey(
    "book_person", "", "the member whose data is exported or deleted"
)
BOOK_CONFIRM = StateKey("book_confirm", "", "the number typed to delete a member")
BOOK_MESSAGE = StateKey[Any](
    "book_said", None, "what became of a deletion: a word and a name"
)
BANK_SEED = StateKey("bank_seed", 1, "the seed of the numbers in an export for Moodle")
BANK_STEP = StateKey("bank_step", "layers", "the step that teaches imported questions")
BANK_OWN = StateKey("bank_own", "", "the own question that is looked at")
BANK_FILES = StateKey("bank_files", 0, "GIFT files kept so far; renews the uploader")
BANK_FOUND = StateKey[Any](
    "bank_found", None, "the file that was read last, and its name"
)
BANK_LOOK = StateKey("bank_look", 0, "the question of that file that is looked at")
BANK_GROUP = StateKey(
    "bank_group", "all", "the file or category that the list is cut to"
)
BANK_CHOSEN = StateKey[Any]("bank_chosen", None, "own questions chosen to be deleted")
BANK_WAY = StateKey("bank_way", "show", "what is done with an own question")
BANK_EDIT_MESSAGE = StateKey("bank_edit_said", "", "why an edit was not kept")
BANK_MESSAGE = StateKey("bank_said", "", "what became of an import")

FILTER_CHANNEL = StateKey("filter_channel", "red", "the channel shown in numbers")
CAMERA = StateKey("camera", False, "whether the camera is asked for")
OWN_PICTURE = StateKey[Any]("own_picture", None, "the visitor's own picture, decoded")
OWN_PICTURE_NAME = StateKey("own_name", "", "the file name it came with")
OWN_PICTURE_LOST = StateKey("own_lost", "", "the page that asked for one long gone")
SOUGHT = StateKey("sought", "", "the class that is looked up among those known")
REFUSAL = StateKey("refusal", "", "why the last picture was refused")
UPLOADS = StateKey("uploads", 0, "pictures handed in so far; renews the uploader")
UNASKED = StateKey("unasked", 0, "how often a page has run without a choice")
GO = StateKey("go", "", "the page that a click has asked for")
ARRIVED = StateKey[Any](
    "arrived", (), "what the address named, coming from another page"
)
_SEEN = StateKey[Any]("seen", None, "page, address and choices when last looked at")

KEYS: tuple[StateKey[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, StateKey)
)


def held(widget: str, default: Any = None) -> Any:
    """What the widget of that key holds; before it was drawn, the default."""
    return st.session_state.get(widget, default)


_SETTING = "setting "  # before the name of an experiment's setting


def setting(preset: str, field: str, default: T) -> StateKey[T]:
    """One setting of an experiment; each preset has its own."""
    return StateKey(f"{_SETTING}{preset} {field}", default, f"{field} of {preset}")


def _chosen() -> dict[str, Any]:
    """What the visitor has chosen, in an address or not; a new picture counts as one.

    (`OWN_PICTURE` is left out: pictures are large, and `UPLOADS` counts them. `PLACE`,
    `PARTED` and `ARRIVED` are no choices.)
    """
    not_chosen = (
        OWN_PICTURE,
        PLACE,
        PARTED,
        IS_KNOWN,
        ARRIVED,
        _SEEN,
    )
    left_out = {key.name for key in not_chosen}
    there = st.session_state.to_dict()  # all at once: this runs often
    found = {}
    for key in KEYS:
        if key.name not in left_out:
            value = there.get(key.name)
            found[key.name] = key.default if value is None else value
    for name, value in there.items():
        if str(name).startswith(_SETTING):
            found[str(name)] = value
    return found


def read_url(page: str) -> None:
    """Takes over the address's values, if it changed other than by `write_url`.

    What is not a value of its key is left out; the widgets check the rest. Going back
    on the same page, what the address says no longer is the default again. But a
    click may reach the server before the address of the run before has reached the
    browser: where something was chosen since, the address only lags behind.
    """
    now = st.query_params.to_dict()
    on, seen, chosen = _SEEN.get() or ("", {}, {})
    state_key.begin_run(same_page=page == on)
    ARRIVED.set(tuple(now) if on not in ("", page) else ())
    if page == on and (now == seen or chosen != _chosen()):
        return
    for key in KEYS:
        if key.pages and key.name in now:
            value = key.parse(now[key.name])
            if value is not None:
                key.set(value)
        elif page == on and key.name in seen:
            key.set(key.default)
    _SEEN.set((page, now, _chosen()))


def asked(key: StateKey[T]) -> T:
    """What the address says of a key, before `read_url`; its default if nothing."""
    text = st.query_params.get(key.name)
    value = None if text is None else key.parse(text)
    return key.default if value is None else value


def page() -> str:
    """The page that is being shown, as its address names it."""
    # No widget's key: read as it is, for every text asks this for its language.
    seen: tuple[str, Any, Any] | None = st.session_state.get(_SEEN.name)
    return seen[0] if seen else ""


def forget_everything() -> None:
    """Clears the session for another person: all that was chosen or shown."""
    token = VISITOR.get()
    st.session_state.clear()
    VISITOR.set(token)


def unasked() -> None:
    """Counts a run that no visitor has caused, to tell it from going back.

    While the address of the run before is on its way, the browser still has an old one;
    `read_url` would take that for a request, and a leader would lead the class back.
    """
    UNASKED.set(UNASKED.get() + 1)


def rerun() -> NoReturn:
    """Has the whole page run again, from a part of it too."""
    unasked()
    st.rerun(scope="app")


def write_url(page: str, *, is_last: bool = True) -> None:
    """Makes the address say what is on screen, defaults left out.

    Args:
        is_last: whether the run of the page ends with it; no widget is drawn after.
    """
    wanted = {
        key.name: str(key.get())
        for key in KEYS
        if page in key.pages and key.get() != key.default
    }
    _SEEN.set((page, wanted, _chosen()))
    if is_last:
        state_key.end_run()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
