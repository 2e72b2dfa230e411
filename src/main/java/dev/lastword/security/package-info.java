/// Who may call what: users and their grants, and the check before every request.
@NullMarked
package dev.lastword.security;

import org.jspecify.annotations.NullMarked;
