/// `lastword quickstart`: the git history of a repository through the whole service, over HTTP.
///
/// [QuickstartCommand] reads the arguments, [Quickstart] is the run: it starts a service
/// ([ChildService]), sends what git tells ([GitRepository], [RawLogParser], [ChangeStream]) and
/// holds the snapshot to git's own tree ([Comparison]).
@NullMarked
package dev.lastword.cli.quickstart;

import org.jspecify.annotations.NullMarked;
