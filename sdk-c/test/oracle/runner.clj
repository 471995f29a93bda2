;; runner.clj FILE - what Clojure prints for each line of the file, an expression:
;; a line of "= value", or "! class" when it throws. A user namespace per line
;; would be slow; no expression defines anything.
(require '[clojure.string :as str] '[clojure.set :as set] '[clojure.walk :as walk] '[clojure.data] '[clojure.math :as math])
(set! *warn-on-reflection* false)
(doseq [line (str/split-lines (slurp (first *command-line-args*)))]
  (println
   (try
     (binding [*print-length* 40 *print-namespace-maps* false]
       (let [text (pr-str (eval (read-string line)))]
         (str "= " (str/replace text "\n" "\\n"))))
     (catch Throwable e
       (let [e (if (instance? clojure.lang.Compiler$CompilerException e)
                 (or (.getCause e) e)
                 e)]
         (str "! " (.getSimpleName (class e))))))))
