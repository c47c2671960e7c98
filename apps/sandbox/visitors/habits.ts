/** placeholder */
export interface VisitorHabits {
  readonly responseShare: number;
}
