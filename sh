Cells are hashed by what they say, whatever the type of their column -c echo "Cells are hashed by what they say, whatever the type of their column" > /work/main/.git/worktrees/wt-rows/COMMIT_EDITMSG
