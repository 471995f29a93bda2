// Things to try, each one edit of the program: what a form becomes.

export interface Suggestion {
  label: string;
  /** The function that is edited. */
  name: string;
  /** What it becomes, one after the other. */
  texts: string[];
}

export const SUGGESTIONS: Suggestion[] = [
  {
    label: "Another colour",
    name: "colour",
    texts: [
      `(defn colour [i frame]
  (let [wave (math/sin (- (* 0.04 frame) (* 0.05 i)))]
    (str "hsl(" (math/round (+ 330 (* 0.12 i) (* 40 wave))) " 62% 56%)")))`,
      `(defn colour [i frame]
  (let [arm (mod i 13)]
    (str "hsl(" (math/round (+ 190 (* 6 arm) (* 0.3 frame))) " 55% 52%)")))`,
      `(defn colour [i frame]
  (if (< (mod (+ i frame) 144) 24) "hsl(36 90% 55%)" "hsl(160 32% 46%)"))`,
    ],
  },
  {
    label: "Another flower",
    name: "place",
    texts: [
      `(defn place [i]
  (let [angle (* i 2.4126)
        radius (* 0.044 (math/sqrt i))]
    [(* radius (math/cos angle)) (* radius (math/sin angle))]))`,
      `(defn place [i]
  (let [angle (* i 2.39996)
        petal (+ 0.72 (* 0.28 (math/cos (* 5 angle))))
        radius (* 0.044 petal (math/sqrt i))]
    [(* radius (math/cos angle)) (* radius (math/sin angle))]))`,
      `(defn place [i]
  [(- (* 0.085 (mod i 20)) 0.81)
   (- (* 0.085 (quot i 20)) 0.85)])`,
    ],
  },
  {
    label: "Gravity",
    name: "step",
    texts: [
      `(defn step [[x y vx vy] _place [wx wy]]
  (let [vx (* 0.995 (+ vx wx))
        vy (* 0.995 (+ vy wy 0.0015))
        floor? (> (+ y vy) 0.95)
        wall? (> (abs (+ x vx)) 0.97)]
    [(if wall? x (+ x vx)) (if floor? 0.95 (+ y vy))
     (if wall? (- vx) vx) (if floor? (* -0.78 vy) vy)]))`,
    ],
  },
  {
    label: "A syntax error",
    name: "size",
    texts: [
      `(defn size [i frame]
  (let [wave (math/sin (- (* 0.05 frame) (* 0.04 i)))]
    (+ 0.02 (* 0.00004 i) (* 0.004 wave)))`,
    ],
  },
  {
    label: "An exception",
    name: "colour",
    texts: [
      `(defn colour [i frame]
  (if (< i 200)
    "hsl(160 45% 50%)"
    (throw (ex-info "no paint left" {:seed i}))))`,
    ],
  },
];
