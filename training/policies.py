"""How picks are made, as it stays with each gold label, and what people read of it."""

MARGIN, NOVELTY, TYPICAL = "margin_clusters", "novelty_clusters", "typiclust"

HESITATES = "Version {number} hesitates between {first} {sure} and {second} {less}."
