"""Pictures of a tree, all from one model: Graphviz for print, ECharts for clicking, a treemap, Mermaid."""
