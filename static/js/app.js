// Everything here only quickens what already works as links and forms.
import "./csrf.js";
import "./theme.js";
import "./toast.js";
import "./menus.js";
import "./dialog.js";
import "./forms.js";
import "./times.js";
import "./copy.js";
import "./keys.js";

document.documentElement.dataset.js = "";
